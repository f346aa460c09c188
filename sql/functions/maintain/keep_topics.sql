CREATE OR REPLACE FUNCTION interestream.keep_topics(
    p_space integer,
    p_days integer,
    p_after text,
    p_limit integer
) RETURNS TABLE (last_user text, users bigint, removed bigint)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER
SET search_path FROM CURRENT
-- Look-ups by key, whatever the statistics say: see recommend_batch().
SET enable_seqscan = off
AS $$
DECLARE
    c_topics constant integer := 5;                 -- kept of each user, besides other
    c_batch constant interval := '5 minutes';       -- in which the job has committed what it writes
    v_began timestamptz := clock_timestamp();       -- before anything was read
    v_page text[];
    v_users text[];
    v_days date[];
BEGIN
    PERFORM interestream.check_batch(now(), p_limit);
    PERFORM interestream.check_days(p_days);
    users := 0;
    removed := 0;
    IF NOT interestream.hold_space(p_space) THEN
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT array_agg(page.user_id ORDER BY page.user_id) INTO v_page
    FROM (
        SELECT u.user_id
        FROM interestream.users AS u
        WHERE u.space_id = p_space AND u.user_id > coalesce(p_after, '')
        ORDER BY u.user_id
        LIMIT p_limit
    ) AS page;
    last_user := v_page[cardinality(v_page)];
    -- The job writes its rows meanwhile. Whoever deletes one (forget, opt_out) waits for the end of this transaction,
    -- and deletes what it has kept; of a user who is being deleted nothing is kept.
    SELECT array_agg(changed.user_id) INTO v_users
    FROM (
        SELECT u.user_id
        FROM interestream.users AS u
        WHERE u.space_id = p_space AND u.user_id = ANY(v_page)
            -- A row that the job was writing then was not to be seen.
            AND u.committed_at > coalesce((
                SELECT max(h.kept_at) - c_batch FROM interestream.user_topic_history AS h
                WHERE h.space_id = p_space AND h.user_id = u.user_id
            ), '-infinity')
        FOR KEY SHARE SKIP LOCKED
    ) AS changed;
    WITH kept AS (
        INSERT INTO interestream.user_topic_history AS h (space_id, user_id, day, topics, shares, kept_at)
        SELECT
            p_space, each.user_id, (max(t.as_of) AT TIME ZONE 'UTC')::date,
            array_agg(t.topic ORDER BY t.rank), array_agg(t.share ORDER BY t.rank), v_began
        FROM unnest(v_users) AS each (user_id)
        CROSS JOIN LATERAL interestream.engaged_topics(each.user_id, c_topics, p_space) AS t
        GROUP BY each.user_id
        HAVING count(*) > 1  -- otherwise the space has no topics
        ON CONFLICT (space_id, user_id, day) DO UPDATE SET
            topics = excluded.topics, shares = excluded.shares, kept_at = excluded.kept_at
        RETURNING h.user_id, h.day
    )

    SELECT count(*), array_agg(k.user_id), array_agg(k.day) INTO users, v_users, v_days FROM kept AS k;
    WITH gone AS (
        DELETE FROM interestream.user_topic_history AS h
        USING unnest(v_users, v_days) AS own (user_id, day)
        WHERE h.space_id = p_space AND h.user_id = own.user_id AND h.day <= own.day - p_days
        RETURNING h.user_id
    )

    SELECT count(*) INTO removed FROM gone AS g;
    RETURN NEXT;
END;
$$;

COMMENT ON FUNCTION interestream.keep_topics IS
'Looks at the next p_limit users of a space behind p_after (null: from the first one on), by user_id, and keeps the topics of those whose row was written since theirs were last kept, as the row of user_topic_history of the day (UTC) of their newest event. Rows of a user that are p_days days older than that go. Returns one row: the last user looked at, null behind the last one and where there is no such space; of how many users topics were kept; how many rows went. A user whose row somebody is deleting is passed over. Errors: null_value_not_allowed, invalid_parameter_value (p_days is 1 to 400).';

GRANT EXECUTE ON FUNCTION interestream.keep_topics TO interestream_admin;
