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
    EXECUTE format('DROP TABLE interestream.%I', 'item_vectors_' || p_space);
    DELETE FROM interestream.spaces WHERE space_id = p_space;
END;
$$;

COMMENT ON FUNCTION interestream.drop_space IS
'Deletes a space with its item vectors, sentiment prototypes, topic vectors, user rows, trends and progress. Errors: undefined_object when there is no such space, object_in_use when it is the active one.';

GRANT EXECUTE ON FUNCTION interestream.drop_space TO interestream_admin;
