CREATE OR REPLACE FUNCTION interestream.trending_horizon(
    p_space integer,
    p_horizon text,
    p_k integer,
    p_category text,
    p_rising boolean
) RETURNS TABLE (
    rank integer,
    item_id text,
    title text,
    categories text[],
    score real,
    interactions bigint,
    as_of timestamptz
)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
SET jit = off
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET max_parallel_workers_per_gather = 0
AS $$
DECLARE
    v_as_of timestamptz;
    v_interactions bigint;
    v_before bigint;  -- interactions of the next longer horizon that lie before this one
BEGIN
    SELECT w.as_of, w.interactions, l.interactions - w.interactions
    INTO v_as_of, v_interactions, v_before
    FROM interestream.trend_windows AS w
    LEFT JOIN interestream.trend_windows AS l ON l.space_id = w.space_id AND l.horizon = w.longer
    WHERE w.space_id = p_space AND w.horizon = p_horizon;
    IF p_rising AND v_before IS NULL THEN
        RAISE EXCEPTION 'nothing is longer than horizon %', p_horizon
            USING ERRCODE = 'invalid_parameter_value', HINT = 'p_rising compares a horizon with the next longer one.';
    END IF;
    RETURN QUERY
    WITH predicted AS (
        SELECT
            t.*,
            -- The item's share of the interactions before this horizon, times all interactions within it.
            greatest(t.longer_interactions - t.interactions, 0)::double precision
            / greatest(v_before, 1) * v_interactions AS expected
        FROM interestream.trends AS t
        WHERE t.space_id = p_space AND t.horizon = p_horizon
    ),

    scored AS (
        SELECT
            p.item_id,
            p.interactions,
            p.expected,
            p.longer_weight,
            p.standing,
            CASE
                WHEN p_rising THEN (p.interactions - p.expected) / sqrt(p.expected + 1)
                ELSE p.weight
            END AS points
        FROM predicted AS p
    )

    SELECT
        (row_number() OVER (ORDER BY t.place))::integer,
        t.item_id,
        t.title,
        t.categories,
        t.points::real,
        t.interactions,
        v_as_of
    FROM (
        -- The sort comes before the join, so that the join stops at the p_k-th item that may be shown.
        SELECT c.item_id, i.title, i.categories, c.points, c.interactions, c.place
        FROM (
            SELECT
                s.*,
                row_number() OVER (
                    ORDER BY s.points DESC, s.longer_weight DESC NULLS LAST, s.standing DESC NULLS LAST, s.item_id
                ) AS place
            FROM scored AS s
            WHERE NOT p_rising OR s.interactions > s.expected
            ORDER BY place
        ) AS c
        CROSS JOIN LATERAL (
            SELECT o.title, o.categories
            FROM interestream.items AS o
            WHERE o.item_id = c.item_id AND o.available AND (p_category IS NULL OR p_category = ANY(o.categories))
            OFFSET 0
        ) AS i
        ORDER BY c.place
        LIMIT p_k
    ) AS t
    ORDER BY t.place;
END;
$$;

COMMENT ON FUNCTION interestream.trending_horizon IS
'trending() by what the job counts: the available items of a horizon by weight, or, rising, by (interactions - expected) / sqrt(expected + 1), where expected is the share that the item had in the rest of the next longer horizon, times the interactions of all items in this one. Among equals longer_weight decides, then standing, then item_id. Error: invalid_parameter_value when nothing is longer.';

GRANT EXECUTE ON FUNCTION interestream.trending_horizon TO interestream_reader, interestream_admin;
