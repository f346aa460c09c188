CREATE OR REPLACE FUNCTION interestream.forget_user(p_user text) RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path FROM CURRENT
-- The keys of users, user_windows and user_topic_history begin with the space, which the statements do not name.
-- Without sequential scans Postgres searches the key for the user all the same, and reads no other rows.
SET enable_seqscan = off
AS $$
DECLARE
    v_total bigint := 0;
    v_rows bigint;
    v_table text;
BEGIN
    IF p_user IS NULL THEN
        RAISE EXCEPTION 'forget_user() needs a user' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    -- users comes first: keep_topics() keeps topics of users whose row it holds.
    FOREACH v_table IN ARRAY ARRAY[
        'users', 'user_windows', 'user_topic_history', 'user_items', 'shown_items', 'dead_letters'
    ] LOOP
        EXECUTE format('DELETE FROM interestream.%I WHERE user_id = $1', v_table) USING p_user;
        GET DIAGNOSTICS v_rows = ROW_COUNT;
        v_total := v_total + v_rows;
    END LOOP;
    RETURN v_total;
END;
$$;

COMMENT ON FUNCTION interestream.forget_user IS
'Deletes every row of a user, in all spaces, dead letters included, and returns how many there were. A dead letter carries the user_id wherever it can be read (docs/contract.md); one whose user cannot be read stays. Of a user whom the job was told to forget, lines that are not JSON and come later are kept with the user_id: call this function again.';

GRANT EXECUTE ON FUNCTION interestream.forget_user TO interestream_writer, interestream_admin;
