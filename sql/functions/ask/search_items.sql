CREATE OR REPLACE FUNCTION interestream.search_items(
    p_vector real[],
    p_k integer DEFAULT 10,
    p_user text DEFAULT NULL,
    p_categories text[] DEFAULT NULL,
    p_space integer DEFAULT NULL,
    p_personal double precision DEFAULT 0.15,
    p_filter interestream.item_filter DEFAULT NULL,
    p_exclude text[] DEFAULT NULL
) RETURNS TABLE (
    rank integer,
    item_id text,
    title text,
    categories text[],
    score real,
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
    v_query halfvec;
    v_blend halfvec;
BEGIN
    PERFORM interestream.check_k(p_k);
    IF p_personal IS NULL OR p_personal NOT BETWEEN 0 AND 1 THEN
        RAISE EXCEPTION 'personal share % cannot be used', coalesce(p_personal::text, 'null')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'p_personal is 0 (none) to 1.';
    END IF;
    v_query := interestream.to_space(p_vector, v_space);
    IF p_user IS NOT NULL THEN
        v_blend := interestream.user_blend(p_user, v_space);
    END IF;
    RETURN QUERY
    WITH scored AS (
        SELECT
            n.item_id,
            n.similarity,
            (n.similarity + coalesce(p_personal * -(n.embedding <#> v_blend), 0))::real AS score
        FROM interestream.nearest_items(
            v_space, ARRAY[v_query], CASE WHEN v_blend IS NULL THEN p_k ELSE 2 * p_k + 30 END,
            ARRAY[p_user], interestream.with_categories(p_filter, p_categories),
            interestream.with_variants(p_exclude)
        ) AS n
    )

    SELECT
        (row_number() OVER (ORDER BY s.score DESC, s.item_id))::integer,
        s.item_id,
        i.title,
        i.categories,
        s.score,
        s.similarity,
        interestream.reason('search', NULL)
    FROM scored AS s
    CROSS JOIN LATERAL (
        SELECT o.title, o.categories FROM interestream.items AS o WHERE o.item_id = s.item_id OFFSET 0
    ) AS i
    ORDER BY s.score DESC, s.item_id
    LIMIT p_k;
END;
$$;

COMMENT ON FUNCTION interestream.search_items IS
'The p_k available items nearest to a text, one of each group, by rank from 1. p_vector: what the encoder gives for the text with the query prompt, as many numbers as the space has dimensions, not all of them zero; the mean is subtracted here. similarity: cosine in the space. With p_user, items that the user has seen or disliked are left out, and p_personal times the cosine with the user''s windows is added to the score. p_filter (see item_filter()), or p_categories for short, keeps the items that pass it; p_exclude leaves out items by id, with all of their groups. Errors: invalid_parameter_value, undefined_object.';

GRANT EXECUTE ON FUNCTION interestream.search_items TO interestream_reader, interestream_admin;
