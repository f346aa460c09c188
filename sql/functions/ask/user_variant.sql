CREATE OR REPLACE FUNCTION interestream.user_variant(p_user text, p_experiment text DEFAULT NULL)
RETURNS TABLE (experiment text, kind text, variant text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1
SET search_path FROM CURRENT
AS $$
BEGIN
    IF p_experiment IS NOT NULL
        AND NOT EXISTS (SELECT FROM interestream.experiments AS own WHERE own.experiment = p_experiment)
    THEN
        RAISE EXCEPTION 'there is no experiment %', p_experiment
            USING ERRCODE = 'invalid_parameter_value',
            HINT = '`interestream experiment list` names them, as does SELECT experiment FROM interestream.experiments.';
    END IF;
    RETURN QUERY
    SELECT own.experiment, own.kind, CASE own.kind WHEN 'split' THEN known.variant END
    FROM interestream.experiments AS own
    JOIN interestream.experiment_variants AS known
        ON known.experiment = own.experiment AND known.places @> interestream.user_place(own.experiment, p_user)
    WHERE CASE WHEN p_experiment IS NULL THEN own.ended_at IS NULL ELSE own.experiment = p_experiment END;
END;
$$;

COMMENT ON FUNCTION interestream.user_variant IS
'The variant that p_user has in p_experiment (null: the one that runs), which need not have asked for anything yet; of an ended experiment the one at its end. variant is null where the experiment interleaves. No row for a user outside of the shares, or when none runs. Errors: invalid_parameter_value for an experiment that does not exist.';

GRANT EXECUTE ON FUNCTION interestream.user_variant TO interestream_reader, interestream_admin;
