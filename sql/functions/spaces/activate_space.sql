CREATE OR REPLACE FUNCTION interestream.activate_space(p_space integer) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
BEGIN
    LOCK TABLE interestream.spaces IN SHARE ROW EXCLUSIVE MODE;
    PERFORM interestream.space_dim(p_space);
    IF (SELECT s.of_space IS NOT NULL FROM interestream.spaces AS s WHERE s.space_id = p_space) THEN
        RAISE EXCEPTION 'space % is a sequence model', p_space
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'SELECT interestream.serve_sequence(...) lets recommend() use it.';
    END IF;
    -- Two statements, since the unique index that allows one active space is checked row by row.
    UPDATE interestream.spaces SET active = false WHERE active AND space_id <> p_space;
    UPDATE interestream.spaces SET active = true WHERE NOT active AND space_id = p_space;
    IF FOUND THEN
        INSERT INTO interestream.space_activations (space_id) VALUES (p_space);
    END IF;
END;
$$;

COMMENT ON FUNCTION interestream.activate_space IS
'Makes p_space the one active space, which queries use unless they name another. The same call with previous_space() goes back. Each change is kept in space_activations. Errors: undefined_object when there is no such space, invalid_parameter_value for a sequence model.';

GRANT EXECUTE ON FUNCTION interestream.activate_space TO interestream_admin;
