CREATE OR REPLACE FUNCTION interestream.popular_ids(
    p_space integer,
    p_user text,
    p_horizons text[],
    p_limit integer,
    p_filter interestream.item_filter DEFAULT NULL,
    p_exclude text[] DEFAULT NULL
) RETURNS SETOF text
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
SET search_path FROM CURRENT
-- Look-ups by key, whatever the statistics say: see candidates().
SET plan_cache_mode = force_generic_plan
SET jit = off
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    v_mask bigint := interestream.seen_mask();
    v_repeats boolean := interestream.has_repeat_rules();
    v_first integer;                     -- places that are looked at
    v_horizons text[] := p_horizons;     -- horizons that have not given enough yet
    v_found text[] := '{}';
    v_ids text[];
BEGIN
    -- Most items of the first places are new to most users; only who has seen them, or asks for few, reads on.
    FOR i IN 0..1 LOOP
        v_first := CASE i WHEN 0 THEN 2 * p_limit ELSE 1000000 END;
        SELECT array_agg(best.item_id), array_agg(own.horizon) FILTER (WHERE best.place = p_limit)
        INTO v_ids, v_horizons
        FROM unnest(v_horizons) AS own (horizon)
        CROSS JOIN LATERAL (
            SELECT known.best_ids[:v_first] AS best_ids
            FROM interestream.trend_windows AS known
            WHERE known.space_id = p_space AND known.horizon = own.horizon
            OFFSET 0
        ) AS windows
        CROSS JOIN LATERAL (
            SELECT ids.item_id, row_number() OVER (ORDER BY ids.place) AS place
            FROM unnest(windows.best_ids) WITH ORDINALITY AS ids (item_id, place)
            CROSS JOIN LATERAL (
                SELECT FROM interestream.items AS known
                WHERE known.item_id = ids.item_id AND interestream.passes_filter(known, p_filter)
                    AND (
                        known.representative IS NULL
                        OR NOT interestream.seen_in_group(known.group_key, p_user, v_mask, v_repeats)
                    )
                OFFSET 0
            ) AS passing
            WHERE (p_exclude IS NULL OR ids.item_id <> ALL(p_exclude))
                AND NOT EXISTS (
                    SELECT FROM interestream.user_items AS known
                    WHERE known.user_id = p_user AND known.item_id = ids.item_id
                        AND interestream.counts_as_seen(known, v_mask, v_repeats)
                )
            ORDER BY ids.place
            LIMIT p_limit
        ) AS best;
        v_found := v_found || coalesce(v_ids, '{}');
        v_horizons := ARRAY(
            SELECT own.horizon FROM unnest(p_horizons) AS own (horizon)
            WHERE own.horizon <> ALL(coalesce(v_horizons, '{}'))
        );
        EXIT WHEN cardinality(v_horizons) = 0;
    END LOOP;
    RETURN QUERY SELECT DISTINCT ids.item_id FROM unnest(v_found) AS ids (item_id);
END;
$$;

COMMENT ON FUNCTION interestream.popular_ids IS
'Available items that p_user has neither seen nor disliked, nor another one of their group: the p_limit best of each of p_horizons, in no order.';

GRANT EXECUTE ON FUNCTION interestream.popular_ids TO interestream_reader, interestream_writer, interestream_admin;
