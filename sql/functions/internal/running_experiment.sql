CREATE OR REPLACE FUNCTION interestream.running_experiment(
    p_space integer, p_diversity double precision, p_explore double precision
) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
    SELECT own.experiment
    FROM interestream.experiments AS own
    WHERE own.ended_at IS NULL AND NOT EXISTS (
        SELECT FROM interestream.experiment_variants AS known
        WHERE known.experiment = own.experiment AND (
            (p_space IS NOT NULL AND known.space_id IS NOT NULL)
            OR (p_diversity IS NOT NULL AND known.diversity IS NOT NULL)
            OR (p_explore IS NOT NULL AND known.explore IS NOT NULL)
        )
    )
$$;

COMMENT ON FUNCTION interestream.running_experiment IS
'The experiment that runs, for a call of recommend() with these arguments; null for none, and for a call that gives itself what a variant would change: such an answer is of no variant.';

GRANT EXECUTE ON FUNCTION interestream.running_experiment TO interestream_reader, interestream_admin;
