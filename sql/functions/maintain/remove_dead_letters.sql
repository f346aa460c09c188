CREATE OR REPLACE FUNCTION interestream.remove_dead_letters(p_before timestamptz, p_limit integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    v_removed bigint;
BEGIN
    PERFORM interestream.check_batch(p_before, p_limit);
    WITH old AS MATERIALIZED (
        SELECT d.space_id, d.epoch, d.stream, d.bucket, d.seq
        FROM interestream.dead_letters AS d
        WHERE d.committed_at < p_before
        ORDER BY d.committed_at
        LIMIT p_limit
        -- Whoever waits for nothing takes part in no deadlock.
        FOR UPDATE SKIP LOCKED
    ),

    gone AS (
        DELETE FROM interestream.dead_letters AS d
        USING old AS o
        WHERE d.space_id = o.space_id AND d.epoch = o.epoch AND d.stream = o.stream AND d.bucket = o.bucket
            AND d.seq = o.seq
        RETURNING d.space_id, d.stream, d.reason, d.committed_at
    ),

    counted AS (
        INSERT INTO interestream.removed_dead_letters AS t (space_id, stream, reason, letters, newest_at)
        SELECT g.space_id, g.stream, g.reason, count(*), max(g.committed_at)
        FROM gone AS g
        GROUP BY g.space_id, g.stream, g.reason
        ON CONFLICT (space_id, stream, reason) DO UPDATE SET
            letters = t.letters + excluded.letters, newest_at = greatest(t.newest_at, excluded.newest_at)
    )

    SELECT count(*) INTO v_removed FROM gone;
    RETURN v_removed;
END;
$$;

COMMENT ON FUNCTION interestream.remove_dead_letters IS
'Deletes the oldest dead letters that were written before p_before, at most p_limit of them, adds their number to removed_dead_letters, and returns it. Call it until it returns 0. Letters that another transaction holds are left for the next call. Errors: null_value_not_allowed, invalid_parameter_value.';

GRANT EXECUTE ON FUNCTION interestream.remove_dead_letters TO interestream_admin;
