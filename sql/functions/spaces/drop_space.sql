CREATE OR REPLACE FUNCTION interestream.drop_space(p_space integer) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    v_lock_timeout text := current_setting('lock_timeout');
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
    DELETE FROM interestream.transfers WHERE space_id = p_space;
    DELETE FROM interestream.trend_windows WHERE space_id = p_space;
    DELETE FROM interestream.trends WHERE space_id = p_space;
    DELETE FROM interestream.item_neighbors WHERE space_id = p_space;
    DELETE FROM interestream.learned_weights WHERE space_id = p_space;
    DELETE FROM interestream.learning WHERE space_id = p_space;
    DELETE FROM interestream.frozen_weights WHERE space_id = p_space;
    DELETE FROM interestream.removed_dead_letters WHERE space_id = p_space;
    -- A dead letter goes if the job of the active space has the same line. The others become the active space's,
    -- since the sources may no longer hold what only this space's job has read.
    DELETE FROM interestream.dead_letters AS d
    USING interestream.dead_letters AS a, interestream.spaces AS s
    WHERE d.space_id = p_space AND s.active AND a.space_id = s.space_id AND a.stream = d.stream AND a.raw = d.raw;
    UPDATE interestream.dead_letters AS d SET space_id = s.space_id
    FROM interestream.spaces AS s
    WHERE d.space_id = p_space AND s.active;
    DELETE FROM interestream.spaces WHERE space_id = p_space;
    -- DROP TABLE locks out all readers of vectors, and while it waits for the running ones, new ones wait behind
    -- it. So it waits for 200 ms at most, lets them pass, and tries again.
    FOR v_left IN REVERSE 60..0 LOOP
        BEGIN
            PERFORM set_config('lock_timeout', '200ms', true);
            EXECUTE format('DROP TABLE interestream.%I', 'item_vectors_' || p_space);
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            IF v_left = 0 THEN
                RAISE EXCEPTION 'queries have been reading vectors for a minute without a pause'
                    USING ERRCODE = 'lock_not_available',
                    HINT = 'SELECT pid, query FROM pg_stat_activity ORDER BY xact_start';
            END IF;
        END;
        PERFORM pg_sleep(0.8);
    END LOOP;
    PERFORM set_config('lock_timeout', v_lock_timeout, true);
END;
$$;

COMMENT ON FUNCTION interestream.drop_space IS
'Deletes a space with its item vectors, sentiment prototypes, topic vectors, user rows, trends, neighbors, learned weights and progress. A dead letter of it is deleted if the active space has the same line, and becomes the active space''s otherwise. Other transactions wait for it for a fraction of a second at most. Errors: undefined_object when there is no such space, object_in_use when it is the active one, lock_not_available when transactions that read vectors leave no gap within a minute.';

GRANT EXECUTE ON FUNCTION interestream.drop_space TO interestream_admin;
