CREATE OR REPLACE FUNCTION interestream.trending_decayed(
    p_k integer,
    p_category text,
    p_as_of timestamptz,
    p_half_life interval,
    p_rows integer
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
    v_as_of timestamptz := p_as_of;
    v_half_life_s double precision := date_part('epoch', p_half_life);
    v_rate double precision;  -- per second
BEGIN
    PERFORM interestream.check_k(p_k);
    IF v_half_life_s IS NULL OR v_half_life_s <= 0 THEN
        RAISE EXCEPTION 'half-life % cannot be used', coalesce(p_half_life::text, 'null')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give an interval above zero.';
    END IF;
    v_rate := ln(2::double precision) / v_half_life_s;
    IF v_as_of IS NULL THEN
        v_as_of := interestream.newest_interaction();
    END IF;
    RETURN QUERY
    WITH newest AS MATERIALIZED (
        SELECT u.item_id, u.signal, u.last_at
        FROM interestream.user_items AS u
        WHERE u.last_at <= v_as_of
        ORDER BY u.last_at DESC
        LIMIT p_rows
    ),

    counted AS MATERIALIZED (
        SELECT
            n.item_id,
            -- Every pair counts 0.1, so that items that were shown rank before items without interactions.
            sum(
                (greatest(coalesce(n.signal, 0), 0) + 0.1::double precision)
                * exp(date_part('epoch', n.last_at - v_as_of) * v_rate)
            ) AS points,
            count(*) AS interactions
        FROM newest AS n
        GROUP BY n.item_id
    )

    SELECT
        (row_number() OVER (ORDER BY t.points DESC, t.item_id))::integer,
        t.*,
        v_as_of
    FROM (
        -- The sort comes before the join, so that the join stops at the p_k-th item that may be shown.
        SELECT c.item_id, i.title, i.categories, c.points::real, c.interactions
        FROM (SELECT o.* FROM counted AS o ORDER BY o.points DESC, o.item_id) AS c
        CROSS JOIN LATERAL (
            SELECT o.title, o.categories
            FROM interestream.items AS o
            WHERE o.item_id = c.item_id AND o.available AND (p_category IS NULL OR p_category = ANY(o.categories))
            OFFSET 0
        ) AS i
        ORDER BY c.points DESC, c.item_id
        LIMIT p_k
    ) AS t
    ORDER BY t.points DESC, t.item_id;
END;
$$;

COMMENT ON FUNCTION interestream.trending_decayed IS
'trending() by user_items: over the newest p_rows user-item pairs up to p_as_of (null: the newest interaction that is not in the future). score: sum over users of (positive signal + 0.1), halved every p_half_life of age; interactions: users counted.';

GRANT EXECUTE ON FUNCTION interestream.trending_decayed TO interestream_reader, interestream_admin;
