CREATE OR REPLACE FUNCTION interestream.chosen_space(p_space integer) RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    v_space integer := p_space;
BEGIN
    IF v_space IS NULL THEN
        SELECT s.space_id INTO v_space FROM interestream.spaces AS s WHERE s.active;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no embedding space is active'
                USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'SELECT interestream.create_space(...); the first one becomes active.';
        END IF;
    ELSE
        PERFORM interestream.space_dim(v_space);
        IF (SELECT s.of_space IS NOT NULL FROM interestream.spaces AS s WHERE s.space_id = v_space) THEN
            RAISE EXCEPTION 'space % is a sequence model', v_space
                USING ERRCODE = 'undefined_object', HINT = 'Name the space whose vectors it reads.';
        END IF;
    END IF;
    RETURN v_space;
END;
$$;

COMMENT ON FUNCTION interestream.chosen_space IS
'The space a caller means: p_space, or the active one for null. Errors: undefined_object when there is no such space, or it is that of a sequence model, object_not_in_prerequisite_state when none is active.';

GRANT EXECUTE ON FUNCTION interestream.chosen_space TO interestream_reader, interestream_writer, interestream_admin;
