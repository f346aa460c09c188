CREATE OR REPLACE FUNCTION interestream.user_topics(
    p_user text,
    p_k integer DEFAULT 5,
    p_space integer DEFAULT NULL
) RETURNS TABLE (
    rank integer,
    topic text,
    share real,
    cosine real,
    as_of timestamptz
)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    v_space integer := interestream.chosen_space(p_space);
BEGIN
    IF p_user IS NULL THEN
        RAISE EXCEPTION 'user_topics() needs a user' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    PERFORM interestream.check_k(p_k);
    RETURN QUERY
    SELECT t.rank, interestream.topic_title(t.topic), t.share, t.cosine, t.as_of
    FROM interestream.engaged_topics(p_user, p_k, v_space) AS t
    ORDER BY t.rank;
END;
$$;

COMMENT ON FUNCTION interestream.user_topics IS
'What a user engages with, by named topic: the p_k strongest with their shares, and the row other for the rest; the shares add up to 1. They come from the user''s window of kind topics (what the user likes and what the user comments on, liked or not), or from the blend of the other windows where there is none. cosine: of topic and window, null for other; as_of: the time of the window. Names are in the language of the setting interestream.language: see topic_title(). No rows for an unknown user.';

GRANT EXECUTE ON FUNCTION interestream.user_topics TO interestream_reader, interestream_admin;
