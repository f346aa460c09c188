CREATE OR REPLACE FUNCTION interestream.popular_items(
    p_space integer,
    p_user text,
    p_segment text,
    p_limit integer,
    p_filter interestream.item_filter DEFAULT NULL,
    p_exclude text[] DEFAULT NULL,
    p_weights jsonb DEFAULT NULL
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
BEGIN
    RETURN QUERY
    WITH factors AS MATERIALIZED (
        SELECT own.horizons, own.factors FROM interestream.horizon_factors(p_space, p_segment, p_weights) AS own
    ),

    offered AS MATERIALIZED (
        SELECT ids.item_id
        FROM factors
        CROSS JOIN LATERAL interestream.popular_ids(
            p_space, p_user, factors.horizons, p_limit, p_filter, p_exclude
        ) AS ids (item_id)
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
'Available items that p_user has neither seen nor disliked, nor another one of their group: the p_limit best of each horizon that has a weight for p_segment in source_weights, with their popularity(), best first. p_weights as for ranking_weights().';

GRANT EXECUTE ON FUNCTION interestream.popular_items TO interestream_reader, interestream_writer, interestream_admin;
