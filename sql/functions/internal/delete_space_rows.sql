CREATE OR REPLACE FUNCTION interestream.delete_space_rows(p_space integer, p_count boolean DEFAULT false) RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    v_table text;
    v_rows bigint;
    v_total bigint := 0;
BEGIN
    IF EXISTS (SELECT FROM interestream.spaces AS s WHERE s.space_id = p_space) THEN
        RAISE EXCEPTION 'there is a space %', p_space
            USING ERRCODE = 'object_in_use', HINT = 'SELECT interestream.drop_space(...) deletes it with its rows.';
    END IF;
    FOREACH v_table IN ARRAY ARRAY[
        'user_windows', 'users', 'user_topic_history', 'job_progress', 'transfers', 'trend_windows', 'trends',
        'item_neighbors', 'learned_weights', 'learning', 'frozen_weights', 'removed_dead_letters', 'click_counts', 'sequence_quality'
    ] LOOP
        IF p_count THEN
            EXECUTE format('SELECT count(*) FROM interestream.%I WHERE space_id = $1', v_table) INTO v_rows USING p_space;
        ELSE
            EXECUTE format('DELETE FROM interestream.%I WHERE space_id = $1', v_table) USING p_space;
            GET DIAGNOSTICS v_rows = ROW_COUNT;
        END IF;
        v_total := v_total + v_rows;
    END LOOP;
    IF p_count THEN
        SELECT count(*) INTO v_rows FROM interestream.dead_letters AS d WHERE d.space_id = p_space;
        RETURN v_total + v_rows;
    END IF;
    -- A dead letter goes if the job of the active space has the same line. The others become the active space's,
    -- since the sources may no longer hold what only this space's job has read.
    WITH gone AS (
        DELETE FROM interestream.dead_letters AS d WHERE d.space_id = p_space
        RETURNING d.*
    ),

    kept AS (
        INSERT INTO interestream.dead_letters
            (space_id, epoch, stream, bucket, seq, raw, reason, detail, user_id, item_id, committed_at)
        SELECT s.space_id, g.epoch, g.stream, g.bucket, g.seq, g.raw, g.reason, g.detail, g.user_id, g.item_id,
            g.committed_at
        FROM gone AS g
        CROSS JOIN interestream.spaces AS s
        WHERE s.active AND NOT EXISTS (
            SELECT FROM interestream.dead_letters AS a
            WHERE a.space_id = s.space_id AND a.stream = g.stream AND a.raw = g.raw
        )
        ON CONFLICT DO NOTHING
    )

    SELECT count(*) INTO v_rows FROM gone;
    RETURN v_total + v_rows;
END;
$$;

COMMENT ON FUNCTION interestream.delete_space_rows IS
'Deletes the rows of a space that is gone: of users, trends, neighbors, learned weights, transfers and progress. A dead letter is deleted if the active space has the same line, and becomes the active space''s otherwise. Returns how many rows went; with p_count it only counts them. Error object_in_use for a space that is there.';

GRANT EXECUTE ON FUNCTION interestream.delete_space_rows TO interestream_admin;
