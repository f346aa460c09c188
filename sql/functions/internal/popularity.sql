CREATE OR REPLACE FUNCTION interestream.popularity(
    p_space integer,
    p_item text,
    p_horizons text[],
    p_factors double precision[]
) RETURNS TABLE (score double precision, source text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
AS $$
    SELECT coalesce(sum(parts.part), 0), (array_agg('popular_' || parts.horizon ORDER BY parts.part DESC, parts.horizon))[1]
    FROM (
        SELECT counts.horizon, own.factor * ln(1 + counts.interactions) AS part
        FROM unnest(p_horizons, p_factors) AS own (horizon, factor)
        CROSS JOIN LATERAL (
            SELECT known.horizon, known.interactions
            FROM interestream.trends AS known
            WHERE known.space_id = p_space AND known.horizon = own.horizon AND known.item_id = p_item
            OFFSET 0
        ) AS counts
    ) AS parts
$$;

COMMENT ON FUNCTION interestream.popularity IS
'How popular p_item is: the sum of its ln(1 + interactions) over p_horizons, each times its factor (see horizon_factors()); 0 if it is among the kept items of none. source: popular_H for the horizon H that adds most.';

GRANT EXECUTE ON FUNCTION interestream.popularity TO interestream_reader, interestream_writer, interestream_admin;
