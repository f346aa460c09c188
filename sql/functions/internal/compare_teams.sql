CREATE OR REPLACE FUNCTION interestream.compare_teams(p_experiment text) RETURNS TABLE (
    number integer,
    users bigint,
    exposures double precision,
    successes double precision,
    log_lift double precision,
    variance double precision
)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 2
SET search_path FROM CURRENT
AS $$
    WITH teams AS MATERIALIZED (
        SELECT
            known.number,
            sum(counts.impressions)::double precision AS exposures,
            sum(counts.clicks)::double precision AS successes,
            sum(counts.clicks)::double precision / nullif(sum(counts.impressions), 0)::double precision AS rate
        FROM interestream.experiment_variants AS known
        JOIN interestream.click_counts AS counts
            ON counts.variant = known.experiment || '/' || known.variant
                AND counts.space_id = interestream.chosen_space(NULL)
        WHERE known.experiment = p_experiment
        GROUP BY known.number
    )

    SELECT
        own.number, NULL::bigint, own.exposures, own.successes,
        CASE WHEN own.rate > 0 AND control.rate > 0 THEN ln(own.rate / control.rate) END,
        CASE WHEN own.rate > 0 AND control.rate > 0 THEN
            1 / own.successes - 1 / own.exposures + 1 / control.successes - 1 / control.exposures
        END
    FROM teams AS own
    LEFT JOIN teams AS control ON control.number = 1 AND own.number > 1
    ORDER BY own.number
$$;

COMMENT ON FUNCTION interestream.compare_teams IS
'compare_variants() for an experiment that interleaves: impressions and clicks of its variants as the job counts them (click_counts of the active space). The variance is that of independent clicks, since the counts know no user.';

GRANT EXECUTE ON FUNCTION interestream.compare_teams TO interestream_reader, interestream_admin;
