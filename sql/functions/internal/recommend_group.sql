-- recommend_batch() for those with a vector, and recommend_cold() for what is missing.
CREATE OR REPLACE FUNCTION interestream.recommend_group(
    p_users text[],
    p_k integer,
    p_space integer,
    p_diversity double precision,
    p_filter interestream.item_filter,
    p_exclude text[],
    p_explore double precision,
    p_weights jsonb DEFAULT NULL
) RETURNS TABLE (
    user_id text,
    rank integer,
    item_id text,
    title text,
    categories text[],
    score real,
    reason text,
    source text,
    source_item_id text,
    source_title text,
    nearest_liked_item_id text,
    nearest_liked_title text,
    parts jsonb
)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 50
SET search_path FROM CURRENT
AS $$
DECLARE
    c_diversity constant double precision := 0.3;
    c_explore constant double precision := 0.1;
BEGIN
    RETURN QUERY
    WITH warm AS MATERIALIZED (
        SELECT b.*
        FROM interestream.recommend_batch(
            p_users, p_k, p_space, coalesce(p_diversity, c_diversity), p_filter, p_exclude,
            coalesce(p_explore, c_explore), p_weights
        ) AS b
    ),

    -- Short are users without a vector, and users with fewer items left that have a vector.
    short AS MATERIALIZED (
        SELECT a.user_id, a.n, count(w.item_id)::integer AS rows, array_agg(w.item_id) AS item_ids
        FROM unnest(p_users) WITH ORDINALITY AS a (user_id, n)
        LEFT JOIN warm AS w ON w.user_id = a.user_id
        GROUP BY a.user_id, a.n
        HAVING count(w.item_id) < p_k
    )

    SELECT w.* FROM warm AS w
    UNION ALL
    SELECT
        s.user_id, s.rows + c.rank, c.item_id, c.title, c.categories, c.score, c.reason, c.source,
        c.source_item_id, c.source_title, c.nearest_liked_item_id, c.nearest_liked_title, c.parts
    FROM short AS s
    CROSS JOIN LATERAL interestream.recommend_cold(
        s.user_id, p_k - s.rows, p_space, p_filter,
        interestream.with_variants(array_remove(p_exclude || s.item_ids, NULL)), p_weights
    ) AS c;
END;
$$;

COMMENT ON FUNCTION interestream.recommend_group IS
'recommend_many() for a few users who are asked for alike: recommend_batch(), and recommend_cold() for what it leaves open. p_weights: by segment and source, what stands for the weight in source_weights. p_diversity is 0.3 and p_explore 0.1 where they are null. All arguments are taken as checked.';

GRANT EXECUTE ON FUNCTION interestream.recommend_group TO interestream_reader, interestream_admin;
