CREATE OR REPLACE FUNCTION interestream.user_topic_history(
    p_user text,
    p_days integer DEFAULT 28,
    p_space integer DEFAULT NULL
) RETURNS TABLE (day date, rank integer, topic text, share real)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
-- A look-up by key, whatever the statistics say: see recommend_batch().
SET enable_seqscan = off
AS $$
DECLARE
    c_topics constant integer := 5;  -- as in keep_topics()
    v_space integer := interestream.chosen_space(p_space);
BEGIN
    IF p_user IS NULL THEN
        RAISE EXCEPTION 'user_topic_history() needs a user' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    PERFORM interestream.check_days(p_days);
    RETURN QUERY
    WITH present AS MATERIALIZED (
        SELECT (t.as_of AT TIME ZONE 'UTC')::date AS day, t.rank, t.topic, t.share
        FROM interestream.engaged_topics(p_user, c_topics, v_space) AS t
    ),

    known AS (
        SELECT h.day, own.rank::integer AS rank, own.topic, own.share
        FROM interestream.user_topic_history AS h
        CROSS JOIN LATERAL unnest(h.topics, h.shares) WITH ORDINALITY AS own (topic, share, rank)
        WHERE h.space_id = v_space AND h.user_id = p_user
            AND NOT EXISTS (SELECT FROM present AS p WHERE p.day = h.day)
        UNION ALL
        SELECT p.day, p.rank, p.topic, p.share FROM present AS p
    )

    SELECT k.day, k.rank, interestream.topic_title(k.topic), k.share
    FROM known AS k
    WHERE k.day > (SELECT max(newest.day) FROM known AS newest) - p_days
    ORDER BY k.day, k.rank;
END;
$$;

COMMENT ON FUNCTION interestream.user_topic_history IS
'How the interests of p_user moved over the p_days days (1 to 400) up to the user''s newest event: by day (UTC, of events), oldest first, the strongest topics with their shares, by rank from 1, and other for the rest. Days on which the user did nothing have no rows, nor do days between two runs of `interestream maintain`, which keeps the topics of each day (retention.topic_history_days); the newest day is as the user is now. Names are in the language of the setting interestream.language: see topic_title(). No rows for an unknown user. Errors: null_value_not_allowed, invalid_parameter_value, undefined_object.';

GRANT EXECUTE ON FUNCTION interestream.user_topic_history TO interestream_reader, interestream_admin;
