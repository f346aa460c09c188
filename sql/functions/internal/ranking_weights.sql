CREATE OR REPLACE FUNCTION interestream.ranking_weights(
    p_space integer, p_segment text, p_weights jsonb DEFAULT NULL
) RETURNS TABLE (sources text[], weights real[])
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
SET search_path FROM CURRENT
AS $$
    SELECT array_agg(named.source ORDER BY named.number), array_agg(named.weight ORDER BY named.number)
    FROM (
        SELECT
            each.source,
            each.number,
            -- Rounded, since a product too small for its type is an error in Postgres.
            CASE WHEN fixed.weight IS NULL THEN 0 ELSE least(greatest(round(
                (
                    coalesce((p_weights -> p_segment ->> each.source)::real, fixed.weight)
                    + coalesce(shared.delta, 0) + coalesce(own.delta, 0)
                )::numeric, 6
            ), -20), 20) END::real AS weight
        FROM unnest(interestream.ranking_sources(p_space)) WITH ORDINALITY AS each (source, number)
        LEFT JOIN interestream.source_weights AS fixed
            ON fixed.segment = p_segment AND fixed.source = each.source
                -- A session can ask for the searches by text alone.
                AND (
                    current_setting('interestream.sources', true) IS DISTINCT FROM 'text'
                    OR each.source IN ('text', 'text_last')
                )
        LEFT JOIN interestream.learned_weights AS shared
            ON shared.space_id = p_space AND shared.segment = 'all' AND shared.source = each.source
        LEFT JOIN interestream.learned_weights AS own
            ON own.space_id = p_space AND own.segment = p_segment AND own.source = each.source
    ) AS named
$$;

COMMENT ON FUNCTION interestream.ranking_weights IS
'The ranking_sources() and what each counts for p_segment (none, few, many): source_weights plus what is learned, from -20 to 20; 0 for a source without a row in source_weights. p_weights: by segment and source, what stands for the weight in source_weights.';

GRANT EXECUTE ON FUNCTION interestream.ranking_weights TO interestream_reader, interestream_writer, interestream_admin;
