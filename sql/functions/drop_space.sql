CREATE OR REPLACE FUNCTION interestream.drop_space(p_space integer) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
BEGIN
    LOCK TABLE interestream.spaces IN SHARE ROW EXCLUSIVE MODE;
    PERFORM interestream.space_dim(p_space);
    IF (SELECT s.active FROM interestream.spaces AS s WHERE s.space_id = p_space) THEN
        RAISE EXCEPTION 'space % is the active one', p_space
            USING ERRCODE = 'object_in_use',
            HINT = 'SELECT interestream.activate_space(another one) first.';
    END IF;
    DELETE FROM interestream.user_windows WHERE space_id = p_space;
    DELETE FROM interestream.users WHERE space_id = p_space;
    DELETE FROM interestream.job_progress WHERE space_id = p_space;
    DELETE FROM interestream.trend_windows WHERE space_id = p_space;
    DELETE FROM interestream.trends WHERE space_id = p_space;
    -- Lines that only this space's job saw, since the sources no longer held them for another, stay.
    DELETE FROM interestream.dead_letters AS d
    USING interestream.dead_letters AS a, interestream.spaces AS s
    WHERE d.space_id = p_space AND s.active AND a.space_id = s.space_id AND a.stream = d.stream AND a.raw = d.raw;
    UPDATE interestream.dead_letters AS d SET space_id = s.space_id
    FROM interestream.spaces AS s
    WHERE d.space_id = p_space AND s.active;
    EXECUTE format('DROP TABLE interestream.%I', 'item_vectors_' || p_space);
    DELETE FROM interestream.spaces WHERE space_id = p_space;
END;
$$;

COMMENT ON FUNCTION interestream.drop_space IS
'Deletes a space with its item vectors, sentiment prototypes, topic vectors, user rows, trends and progress. Its dead letters go where the active space has the same line, and else become the active space''s. Errors: undefined_object when there is no such space, object_in_use when it is the active one.';

GRANT EXECUTE ON FUNCTION interestream.drop_space TO interestream_admin;
