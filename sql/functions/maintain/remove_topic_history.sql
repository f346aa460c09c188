CREATE OR REPLACE FUNCTION interestream.remove_topic_history(p_before timestamptz, p_limit integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    v_rows bigint;
BEGIN
    PERFORM interestream.check_batch(p_before, p_limit);
    WITH old AS MATERIALIZED (
        SELECT h.space_id, h.user_id, h.day
        FROM interestream.user_topic_history AS h
        WHERE h.kept_at < p_before
        ORDER BY h.kept_at
        LIMIT p_limit
        FOR UPDATE SKIP LOCKED
    ),

    gone AS (
        DELETE FROM interestream.user_topic_history AS h USING old AS o
        WHERE h.space_id = o.space_id AND h.user_id = o.user_id AND h.day = o.day
        RETURNING h.user_id
    )

    SELECT count(*) INTO v_rows FROM gone AS g;
    RETURN v_rows;
END;
$$;

COMMENT ON FUNCTION interestream.remove_topic_history IS
'Deletes up to p_limit rows of user_topic_history that were kept before p_before, the oldest first, and returns how many went; rows that another transaction holds stay. Errors: null_value_not_allowed, invalid_parameter_value.';

GRANT EXECUTE ON FUNCTION interestream.remove_topic_history TO interestream_admin;
