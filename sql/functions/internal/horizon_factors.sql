CREATE OR REPLACE FUNCTION interestream.horizon_factors(
    p_space integer, p_segment text, p_weights jsonb DEFAULT NULL
)
RETURNS TABLE (horizons text[], factors double precision[])
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
AS $$
    SELECT
        coalesce(array_agg(windows.horizon ORDER BY windows.horizon), '{}'),
        coalesce(array_agg(ranking.weight / ln(1 + windows.largest) ORDER BY windows.horizon), '{}')
    FROM interestream.ranking_weights(p_space, p_segment, p_weights) AS own
    CROSS JOIN LATERAL unnest(own.sources, own.weights) AS ranking (source, weight)
    JOIN interestream.source_weights AS fixed ON fixed.segment = p_segment AND fixed.source = ranking.source
    CROSS JOIN LATERAL (
        SELECT known.horizon, known.largest
        FROM interestream.trend_windows AS known
        WHERE known.space_id = p_space AND known.horizon = substr(ranking.source, 9) AND known.largest > 0
        OFFSET 0
    ) AS windows
    WHERE ranking.source LIKE 'popular\_%'
        -- A session can ask for the searches by text alone.
        AND current_setting('interestream.sources', true) IS DISTINCT FROM 'text'
$$;

COMMENT ON FUNCTION interestream.horizon_factors IS
'The horizons that have a row for p_segment in source_weights and that the job has counted, and for each what ln(1 + interactions) of an item is multiplied with: its weight (ranking_weights()) over ln(1 + interactions) of the most popular item.';

GRANT EXECUTE ON FUNCTION interestream.horizon_factors TO interestream_reader, interestream_writer, interestream_admin;
