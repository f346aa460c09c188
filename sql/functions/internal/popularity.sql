CREATE OR REPLACE FUNCTION interestream.popularity(p_space integer, p_segment text, p_item text)
RETURNS TABLE (score double precision, source text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
AS $$
    SELECT coalesce(sum(parts.part), 0), (array_agg(parts.source ORDER BY parts.part DESC, parts.source))[1]
    FROM (
        SELECT
            weights.source,
            weights.weight * ln(1 + counts.interactions) / ln(1 + windows.largest) AS part
        FROM interestream.source_weights AS weights
        CROSS JOIN LATERAL (
            SELECT known.largest
            FROM interestream.trend_windows AS known
            WHERE known.space_id = p_space AND known.horizon = substr(weights.source, 9) AND known.largest > 0
            OFFSET 0
        ) AS windows
        CROSS JOIN LATERAL (
            SELECT known.interactions
            FROM interestream.trends AS known
            WHERE known.space_id = p_space AND known.horizon = substr(weights.source, 9) AND known.item_id = p_item
            OFFSET 0
        ) AS counts
        WHERE weights.segment = p_segment AND weights.weight > 0 AND weights.source LIKE 'popular\_%'
    ) AS parts
$$;

COMMENT ON FUNCTION interestream.popularity IS
'How popular p_item is: the sum over horizons of its ln(1 + interactions), as a share of the most popular item''s, times the horizon''s weight for p_segment in source_weights; 0 if it is among the kept items of none. source: the horizon that adds most.';

GRANT EXECUTE ON FUNCTION interestream.popularity TO interestream_reader, interestream_admin;
