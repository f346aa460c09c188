CREATE OR REPLACE FUNCTION interestream.similar_items(
    p_item text,
    p_k integer DEFAULT 10,
    p_space integer DEFAULT NULL
) RETURNS TABLE (
    rank integer,
    item_id text,
    title text,
    categories text[],
    similarity real
)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    v_space integer := interestream.chosen_space(p_space);
    v_embedding halfvec;
BEGIN
    PERFORM interestream.check_k(p_k);
    SELECT v.embedding INTO v_embedding
    FROM interestream.item_vectors AS v
    WHERE v.space_id = v_space AND v.item_id = p_item;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'item % has no vector in space %', coalesce(quote_literal(p_item), 'null'), v_space
            USING ERRCODE = 'no_data_found',
            HINT = 'The item is unknown, or the job has not encoded it yet.';
    END IF;
    RETURN QUERY
    SELECT
        (row_number() OVER (ORDER BY n.similarity DESC, n.item_id))::integer,
        n.item_id,
        i.title,
        i.categories,
        n.similarity
    FROM interestream.nearest_items(v_space, ARRAY[v_embedding], p_k + 1) AS n
    JOIN interestream.items AS i ON i.item_id = n.item_id
    WHERE n.item_id <> p_item
    ORDER BY n.similarity DESC, n.item_id
    LIMIT p_k;
END;
$$;

COMMENT ON FUNCTION interestream.similar_items IS
'The p_k available items most similar to p_item, by rank from 1; similarity: cosine in the space. Errors: no_data_found when the item has no vector, invalid_parameter_value, undefined_object.';

GRANT EXECUTE ON FUNCTION interestream.similar_items TO interestream_reader, interestream_writer, interestream_admin;
