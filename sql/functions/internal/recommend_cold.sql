CREATE OR REPLACE FUNCTION interestream.recommend_cold(
    p_user text,
    p_k integer,
    p_space integer,
    p_filter interestream.item_filter,
    p_exclude text[],
    p_weights jsonb DEFAULT NULL
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
SET jit = off
-- These settings keep it to look-ups by key, whatever the statistics say: see recommend_batch().
SET enable_seqscan = off
AS $$
DECLARE
    c_too_close constant real := 0.35;  -- cosine with the dislikes from which an item counts as near them
    v_mask bigint := interestream.seen_mask();
    v_repeats boolean := interestream.has_repeat_rules();
    v_dislikes halfvec;
    v_shown real := 0;                  -- what the feature shown counts
BEGIN
    IF EXISTS (SELECT FROM interestream.shown_items AS known WHERE known.user_id = p_user) THEN
        SELECT named.weight INTO v_shown
        FROM interestream.ranking_weights(p_space, 'none', p_weights) AS own
        CROSS JOIN LATERAL unnest(own.sources, own.weights) AS named (source, weight)
        WHERE named.source = 'shown';
    END IF;
    SELECT w.embedding INTO v_dislikes
    FROM interestream.user_windows AS w
    WHERE w.space_id = p_space AND w.user_id = p_user AND w.kind = 'dislikes';
    -- EXECUTE plans the statement anew, for the filter at hand.
    RETURN QUERY EXECUTE $q$
    WITH offered AS (
        SELECT
            p.source,
            -1000000 + (row_number() OVER ())::integer AS place,
            p.item_id,
            p.score::real AS score,
            exp(greatest(p.score - p.best, -60)) / sum(exp(greatest(p.score - p.best, -60))) OVER () * $9 AS chance
        FROM (
            SELECT scored.*, max(scored.score) OVER () AS best
            FROM (
                SELECT popular.item_id, popular.source, popular.score + coalesce($13 * shown.often, 0) AS score
                FROM interestream.popular_items($3, $1, 'none', $10, $4, $5, $11) AS popular
                LEFT JOIN LATERAL (
                    SELECT interestream.shown_often(
                        known.shown_at,
                        (
                            SELECT touched.signal_at FROM interestream.user_items AS touched
                            WHERE touched.user_id = $1 AND touched.item_id = popular.item_id
                        ),
                        $14
                    ) AS often
                    FROM interestream.shown_items AS known
                    WHERE known.user_id = $1 AND known.item_id = popular.item_id
                    OFFSET 0
                ) AS shown ON $13 <> 0
            ) AS scored
            ORDER BY scored.score DESC, scored.item_id
        ) AS p
        UNION ALL
        SELECT 'trending', t.rank, t.item_id, t.score, NULL
        FROM interestream.trending(
            CASE WHEN $4 IS NULL THEN least(5 * $10 + 100, 1000) ELSE 1000 END, p_rows => 5000
        ) AS t
        CROSS JOIN LATERAL (
            SELECT FROM interestream.items AS i
            WHERE i.item_id = t.item_id AND interestream.passes_filter(i, $4)
            OFFSET 0
        ) AS passing
        UNION ALL
        -- The newest items follow, so that a catalogue without interactions has an answer, too.
        SELECT 'new', 1000 + (row_number() OVER ())::integer, n.item_id, 0, NULL
        FROM (
            SELECT i.item_id
            FROM interestream.items AS i
            WHERE interestream.passes_filter(i, $4)
                AND ($5 IS NULL OR i.item_id <> ALL($5))
                AND NOT EXISTS (
                    SELECT FROM interestream.user_items AS u
                    WHERE u.user_id = $1 AND u.item_id = i.item_id AND interestream.counts_as_seen(u, $6, $12)
                )
                -- The planner takes CASE for true in half of the rows; "IS NULL OR" without statistics for nearly never.
                AND CASE
                    WHEN i.representative IS NULL THEN true
                    WHEN CASE
                        WHEN $4 IS NULL THEN i.representative = i.item_id
                        ELSE interestream.first_of_group(i.item_id, i.group_key, $4)
                    END THEN NOT interestream.seen_in_group(i.group_key, $1, $6, $12)
                    ELSE false
                END
            ORDER BY i.published_at DESC NULLS LAST, i.item_id
            LIMIT $10
        ) AS n
    ),

    kept AS (
        SELECT DISTINCT ON (coalesce(g.representative, o.item_id)) o.*, -(v.embedding <#> $7) AS dislike
        FROM offered AS o
        LEFT JOIN LATERAL (
            SELECT i.representative, i.group_key FROM interestream.items AS i
            WHERE i.item_id = o.item_id AND i.representative IS NOT NULL
            OFFSET 0
        ) AS g ON true
        LEFT JOIN interestream.item_vectors AS v
            ON v.space_id = $3 AND v.item_id = o.item_id AND $7 IS NOT NULL
        WHERE ($5 IS NULL OR o.item_id <> ALL($5))
            AND NOT EXISTS (
                SELECT FROM interestream.user_items AS u
                WHERE u.user_id = $1 AND u.item_id = o.item_id AND interestream.counts_as_seen(u, $6, $12)
            )
            AND (g.representative IS NULL OR NOT interestream.seen_in_group(g.group_key, $1, $6, $12))
        ORDER BY coalesce(g.representative, o.item_id), o.place, o.item_id
    ),

    -- Items near what the user dislikes come last, since they are still better than none.
    placed AS (
        SELECT k.*, row_number() OVER (ORDER BY coalesce(k.dislike >= $8, false), k.place) AS rank
        FROM kept AS k
    )

    SELECT
        p.rank::integer,
        p.item_id,
        i.title,
        i.categories,
        p.score::real,
        interestream.reason(p.source, NULL),
        p.source,
        NULL::text,
        NULL::text,
        NULL::text,
        NULL::text,
        jsonb_strip_nulls(jsonb_build_object(
            'popularity', round(p.score::numeric, 4), 'dislike', round(p.dislike::numeric, 4),
            'chance', round(p.chance::numeric, 6), 'segment', 'none'
        ))
    FROM placed AS p
    CROSS JOIN LATERAL (
        SELECT o.title, o.categories FROM interestream.items AS o WHERE o.item_id = p.item_id OFFSET 0
    ) AS i
    WHERE p.rank <= $2
    ORDER BY p.rank
    $q$ USING p_user, p_k, p_space, p_filter, p_exclude, v_mask, v_dislikes, c_too_close,
    interestream.likely_candidate(p_space, 'none'), interestream.list_size(p_k), p_weights, v_repeats,
    v_shown, interestream.newest_interaction();
END;
$$;

COMMENT ON FUNCTION interestream.recommend_cold IS
'recommend() for a user without any vector: popular_items() of the segment none, less what shown_often() takes off, then trending items, then the newest ones, one of each group, without those seen; items near what the user dislikes come last. score: the popularity, or that of trending(). p_weights as for ranking_weights(). All arguments are taken as checked.';

GRANT EXECUTE ON FUNCTION interestream.recommend_cold TO interestream_reader, interestream_admin;
