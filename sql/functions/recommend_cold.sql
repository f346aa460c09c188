CREATE OR REPLACE FUNCTION interestream.recommend_cold(
    p_user text,
    p_k integer,
    p_categories text[],
    p_space integer,
    p_dislikes halfvec
) RETURNS TABLE (
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
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    c_too_close constant real := 0.35;  -- the cosine at which two items count as neighbours
    v_mask bigint := interestream.seen_mask();
BEGIN
    RETURN QUERY
    WITH offered AS (
        SELECT 'trending' AS source, t.rank AS place, t.item_id, t.title, t.categories, t.score
        FROM interestream.trending(
            CASE WHEN p_categories IS NULL THEN least(5 * p_k + 100, 1000) ELSE 1000 END, p_rows => 5000
        ) AS t
        WHERE p_categories IS NULL OR t.categories && p_categories
        UNION ALL
        -- Then what is newest: a catalogue without any attention yet has an answer, too.
        SELECT 'new', 1000 + (row_number() OVER ())::integer, n.item_id, n.title, n.categories, 0
        FROM (
            SELECT i.item_id, i.title, i.categories
            FROM interestream.items AS i
            WHERE i.available AND (p_categories IS NULL OR i.categories && p_categories)
            ORDER BY i.published_at DESC NULLS LAST, i.item_id
            LIMIT 5 * p_k + 100
        ) AS n
    ),

    kept AS (
        SELECT DISTINCT ON (o.item_id) o.*, -(v.embedding <#> p_dislikes) AS dislike
        FROM offered AS o
        LEFT JOIN interestream.item_vectors AS v
            ON v.space_id = p_space AND v.item_id = o.item_id AND p_dislikes IS NOT NULL
        WHERE NOT EXISTS (
            SELECT FROM interestream.user_items AS u
            WHERE u.user_id = p_user AND u.item_id = o.item_id
                AND (u.actions & v_mask <> 0 OR u.signal < 0)
        )
        ORDER BY o.item_id, o.place
    )

    SELECT
        (row_number() OVER (ORDER BY k.place))::integer,
        k.item_id,
        k.title,
        k.categories,
        k.score,
        interestream.reason(k.source, NULL),
        k.source,
        NULL::text,
        NULL::text,
        NULL::text,
        NULL::text,
        jsonb_strip_nulls(jsonb_build_object(
            'popularity', round(k.score::numeric, 4), 'dislike', round(k.dislike::numeric, 4)
        ))
    FROM kept AS k
    WHERE k.dislike IS NULL OR k.dislike < c_too_close
    ORDER BY k.place
    LIMIT p_k;
END;
$$;

COMMENT ON FUNCTION interestream.recommend_cold IS
'recommend() for a user without any vector: trending items, then the newest ones, without those seen and without the neighbours of what p_dislikes (may be null) stands for. score: that of trending().';

GRANT EXECUTE ON FUNCTION interestream.recommend_cold TO interestream_reader, interestream_writer, interestream_admin;
