CREATE OR REPLACE FUNCTION interestream.horizon_factors(p_space integer, p_segment text)
RETURNS TABLE (horizons text[], factors double precision[])
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
AS $$
    SELECT
        coalesce(array_agg(windows.horizon ORDER BY windows.horizon), '{}'),
        coalesce(array_agg(weights.weight / ln(1 + windows.largest) ORDER BY windows.horizon), '{}')
    FROM interestream.source_weights AS weights
    CROSS JOIN LATERAL (
        SELECT known.horizon, known.largest
        FROM interestream.trend_windows AS known
        WHERE known.space_id = p_space AND known.horizon = substr(weights.source, 9) AND known.largest > 0
        OFFSET 0
    ) AS windows
    WHERE weights.segment = p_segment AND weights.weight > 0 AND weights.source LIKE 'popular\_%'
        -- A session can ask for the searches by text alone.
        AND current_setting('interestream.sources', true) IS DISTINCT FROM 'text'
$$;

COMMENT ON FUNCTION interestream.horizon_factors IS
'The horizons that have a weight for p_segment in source_weights and that the job has counted, and for each what ln(1 + interactions) of an item is multiplied with: the weight over ln(1 + interactions) of the most popular item.';

GRANT EXECUTE ON FUNCTION interestream.horizon_factors TO interestream_reader, interestream_admin;
