CREATE OR REPLACE FUNCTION interestream.end_experiment() RETURNS text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    v_experiment text;
BEGIN
    UPDATE interestream.experiments SET ended_at = clock_timestamp() WHERE ended_at IS NULL
    RETURNING experiment INTO v_experiment;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no experiment is running'
            USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = '`interestream experiment list` says when each ended, as does SELECT experiment, ended_at FROM interestream.experiments.';
    END IF;
    RETURN v_experiment;
END;
$$;

COMMENT ON FUNCTION interestream.end_experiment IS
'Ends the running experiment and returns its name: from now on recommend() answers as without one. experiment_report() counts what was shown and done until now. Errors: object_not_in_prerequisite_state when none runs.';

GRANT EXECUTE ON FUNCTION interestream.end_experiment TO interestream_admin;
