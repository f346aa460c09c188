CREATE OR REPLACE FUNCTION interestream.remove_users(
    p_space integer,
    p_before timestamptz,
    p_after text,
    p_limit integer
) RETURNS TABLE (last_user text, users bigint, windows bigint)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    v_old text[];
    -- The space, and its sequence models.
    v_spaces integer[] := ARRAY(
        SELECT s.space_id FROM interestream.spaces AS s WHERE s.space_id = p_space OR s.of_space = p_space
    );
BEGIN
    PERFORM interestream.check_batch(p_before, p_limit);
    SELECT max(page.user_id), array_agg(page.user_id) FILTER (WHERE page.committed_at < p_before)
    INTO last_user, v_old
    FROM (
        SELECT u.user_id, u.committed_at
        FROM interestream.users AS u
        WHERE u.space_id = p_space AND u.user_id > coalesce(p_after, '')
        ORDER BY u.user_id
        LIMIT p_limit
    ) AS page;
    -- The job may be writing them again: what it holds stays, and what it has written since is not old.
    WITH old AS MATERIALIZED (
        SELECT u.user_id
        FROM interestream.users AS u
        WHERE u.space_id = p_space AND u.user_id = ANY(v_old) AND u.committed_at < p_before
        FOR UPDATE SKIP LOCKED
    ),

    gone AS (
        DELETE FROM interestream.users AS u USING old AS o
        WHERE u.space_id = p_space AND u.user_id = o.user_id
        RETURNING u.user_id
    )

    SELECT array_agg(g.user_id), count(*) INTO v_old, users FROM gone AS g;
    WITH old AS MATERIALIZED (
        SELECT w.space_id, w.user_id, w.kind
        FROM interestream.user_windows AS w
        WHERE w.space_id = ANY(v_spaces) AND w.user_id = ANY(v_old)
        FOR UPDATE SKIP LOCKED
    ),

    gone AS (
        DELETE FROM interestream.user_windows AS w USING old AS o
        WHERE w.space_id = o.space_id AND w.user_id = o.user_id AND w.kind = o.kind
        RETURNING w.user_id
    )

    SELECT count(*) INTO windows FROM gone AS g;
    DELETE FROM interestream.user_topic_history AS h WHERE h.space_id = p_space AND h.user_id = ANY(v_old);
    RETURN NEXT;
END;
$$;

COMMENT ON FUNCTION interestream.remove_users IS
'Looks at the next p_limit users of a space behind p_after (null: from the first one on), by user_id, and deletes the rows in users, user_windows and user_topic_history of those whose row was written before p_before. Returns one row: the last user looked at, null behind the last one, and how many rows of the first two went. p_before must lie further back than the job keeps a user''s state (retention.user_ttl_s): otherwise it would write only what changes of a user who comes back. Errors: null_value_not_allowed, invalid_parameter_value.';

GRANT EXECUTE ON FUNCTION interestream.remove_users TO interestream_admin;
