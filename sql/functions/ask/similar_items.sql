CREATE OR REPLACE FUNCTION interestream.similar_items(
    p_item text,
    p_k integer DEFAULT 10,
    p_space integer DEFAULT NULL,
    p_filter interestream.item_filter DEFAULT NULL
) RETURNS TABLE (
    rank integer,
    item_id text,
    title text,
    categories text[],
    similarity real,
    reason text
)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
-- These settings keep it to look-ups by key, whatever the statistics say: see recommend_batch().
SET enable_seqscan = off
AS $$
DECLARE
    v_space integer := interestream.chosen_space(p_space);
    v_embedding halfvec;
BEGIN
    PERFORM interestream.check_k(p_k);
    v_embedding := interestream.item_vector(p_item, v_space);
    RETURN QUERY
    SELECT
        (row_number() OVER (ORDER BY n.similarity DESC, n.item_id))::integer,
        n.item_id,
        i.title,
        i.categories,
        n.similarity,
        interestream.reason('similar', (SELECT o.title FROM interestream.items AS o WHERE o.item_id = p_item))
    FROM interestream.nearest_items(
        v_space, ARRAY[v_embedding], p_k, p_filter => p_filter,
        p_exclude => interestream.with_variants(ARRAY[p_item])
    ) AS n
    CROSS JOIN LATERAL (
        SELECT o.title, o.categories FROM interestream.items AS o WHERE o.item_id = n.item_id OFFSET 0
    ) AS i
    ORDER BY n.similarity DESC, n.item_id;
END;
$$;

COMMENT ON FUNCTION interestream.similar_items IS
'The p_k available items most similar to p_item that pass p_filter, one of each group but its own, by rank from 1; similarity: cosine in the space. Errors: no_data_found when the item has no vector, invalid_parameter_value, undefined_object.';

GRANT EXECUTE ON FUNCTION interestream.similar_items TO interestream_reader, interestream_admin;
