CREATE OR REPLACE FUNCTION interestream.remove_transfers(
    p_before timestamptz,
    p_limit integer,
    p_count boolean DEFAULT false
) RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    -- A run of the job reads its own rows alone: those that an older run of the space has left are of no use.
    v_old text := '
        SELECT t.space_id, t.submitted, t.attempt, t.from_bucket, t.number
        FROM interestream.transfers AS t
        WHERE t.sent_at < $1 AND (
            t.taken
            OR NOT EXISTS (SELECT FROM interestream.spaces AS s WHERE s.space_id = t.space_id)
            OR EXISTS (
                SELECT FROM interestream.transfers AS n
                WHERE n.space_id = t.space_id AND (n.submitted, n.attempt) > (t.submitted, t.attempt)
            )
        )';
    v_removed bigint;
BEGIN
    PERFORM interestream.check_batch(p_before, p_limit);
    IF to_regclass('interestream.transfers') IS NULL THEN
        RETURN 0;
    END IF;
    IF p_count THEN
        EXECUTE 'SELECT count(*) FROM (' || v_old || ') AS o' INTO v_removed USING p_before;
    ELSE
        EXECUTE '
            WITH old AS MATERIALIZED (' || v_old || ' LIMIT $2 FOR UPDATE OF t SKIP LOCKED)
            DELETE FROM interestream.transfers AS t USING old AS o
            WHERE t.space_id = o.space_id AND t.submitted = o.submitted AND t.attempt = o.attempt
                AND t.from_bucket = o.from_bucket AND t.number = o.number' USING p_before, p_limit;
        GET DIAGNOSTICS v_removed = ROW_COUNT;
    END IF;
    RETURN v_removed;
END;
$$;

COMMENT ON FUNCTION interestream.remove_transfers IS
'Deletes at most p_limit rows of transfers that were sent before p_before and that no run of the job reads any more: those that were taken, and those of an older run of their space. Returns how many; with p_count it only counts, all of them. 0 in a database without the table. Errors: null_value_not_allowed, invalid_parameter_value.';

GRANT EXECUTE ON FUNCTION interestream.remove_transfers TO interestream_admin;
