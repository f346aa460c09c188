CREATE OR REPLACE FUNCTION interestream.drop_space(p_space integer) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    v_lock_timeout text := current_setting('lock_timeout');
    v_model integer;
BEGIN
    LOCK TABLE interestream.spaces IN SHARE ROW EXCLUSIVE MODE;
    PERFORM interestream.space_dim(p_space);
    IF (SELECT s.active FROM interestream.spaces AS s WHERE s.space_id = p_space) THEN
        RAISE EXCEPTION 'space % is the active one', p_space
            USING ERRCODE = 'object_in_use',
            HINT = 'SELECT interestream.activate_space(another one) first.';
    END IF;
    LOCK TABLE interestream.experiments IN SHARE MODE;
    IF EXISTS (
        SELECT FROM interestream.experiments AS e
        JOIN interestream.experiment_variants AS v ON v.experiment = e.experiment
        WHERE e.ended_at IS NULL AND v.space_id = p_space
    ) THEN
        RAISE EXCEPTION 'space % is that of a variant of the running experiment', p_space
            USING ERRCODE = 'object_in_use',
            HINT = 'End it first, by `interestream experiment end` or SELECT interestream.end_experiment().';
    END IF;
    FOR v_model IN SELECT s.space_id FROM interestream.spaces AS s WHERE s.of_space = p_space ORDER BY s.space_id LOOP
        PERFORM interestream.drop_space(v_model);
    END LOOP;
    -- Whoever writes rows of the space holds this lock shared (hold_space), and writes none when it is gone.
    PERFORM pg_advisory_xact_lock('interestream.spaces'::regclass::oid::integer, p_space);
    DELETE FROM interestream.spaces WHERE space_id = p_space;
    PERFORM interestream.delete_space_rows(p_space);
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
'Deletes a space with its item vectors, sentiment prototypes, topic vectors, user rows, trends, neighbors, learned weights and progress, and its sequence models. A dead letter of it is deleted if the active space has the same line, and becomes the active space''s otherwise. Other transactions wait for it for a fraction of a second at most, and it waits for transactions that write rows of the space (hold_space). Errors: undefined_object when there is no such space, object_in_use when it is the active one, or that of a variant of the running experiment, lock_not_available when transactions that read vectors leave no gap within a minute.';

GRANT EXECUTE ON FUNCTION interestream.drop_space TO interestream_admin;
