CREATE OR REPLACE FUNCTION interestream.popular_items(
    p_space integer,
    p_user text,
    p_segment text,
    p_limit integer,
    p_filter interestream.item_filter DEFAULT NULL,
    p_exclude text[] DEFAULT NULL
) RETURNS TABLE (item_id text, score double precision, source text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
SET search_path FROM CURRENT
-- Look-ups by key, whatever the statistics say: see recommend_batch().
SET plan_cache_mode = force_generic_plan
SET jit = off
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    v_mask bigint := interestream.seen_mask();
BEGIN
    RETURN QUERY
    WITH factors AS MATERIALIZED (
        SELECT own.horizons, own.factors FROM interestream.horizon_factors(p_space, p_segment) AS own
    ),

    offered AS MATERIALIZED (
        SELECT DISTINCT best.item_id
        FROM factors
        CROSS JOIN LATERAL unnest(factors.horizons) AS own (horizon)
        CROSS JOIN LATERAL (
            SELECT known.best_ids
            FROM interestream.trend_windows AS known
            WHERE known.space_id = p_space AND known.horizon = own.horizon
            OFFSET 0
        ) AS windows
        CROSS JOIN LATERAL (
            SELECT ids.item_id
            FROM unnest(windows.best_ids) WITH ORDINALITY AS ids (item_id, place)
            CROSS JOIN LATERAL (
                SELECT FROM interestream.items AS known
                WHERE known.item_id = ids.item_id AND interestream.passes_filter(known, p_filter)
                    AND (
                        known.representative IS NULL
                        OR NOT interestream.seen_in_group(known.group_key, p_user, v_mask)
                    )
                OFFSET 0
            ) AS passing
            WHERE (p_exclude IS NULL OR ids.item_id <> ALL(p_exclude))
                AND NOT EXISTS (
                    SELECT FROM interestream.user_items AS known
                    WHERE known.user_id = p_user AND known.item_id = ids.item_id
                        AND (known.actions & v_mask <> 0 OR known.signal < 0)
                )
            ORDER BY ids.place
            LIMIT p_limit
        ) AS best
    )

    SELECT offered.item_id, popularity.score, popularity.source
    FROM offered
    CROSS JOIN factors
    CROSS JOIN LATERAL interestream.popularity(
        p_space, offered.item_id, factors.horizons, factors.factors
    ) AS popularity
    ORDER BY 2 DESC, offered.item_id;
END;
$$;

COMMENT ON FUNCTION interestream.popular_items IS
'Available items that p_user has neither seen nor disliked, nor another one of their group: the p_limit best of each horizon that has a weight for p_segment in source_weights, with their popularity(), best first.';

GRANT EXECUTE ON FUNCTION interestream.popular_items TO interestream_reader, interestream_admin;
