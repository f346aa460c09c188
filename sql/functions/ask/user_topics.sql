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
    v_vector halfvec;
    v_as_of timestamptz;
BEGIN
    IF p_user IS NULL THEN
        RAISE EXCEPTION 'user_topics() needs a user' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    PERFORM interestream.check_k(p_k);
    SELECT w.embedding, w.as_of INTO v_vector, v_as_of
    FROM interestream.user_windows AS w
    WHERE w.space_id = v_space AND w.user_id = p_user AND w.kind = 'topics';
    IF NOT FOUND THEN
        v_vector := interestream.user_blend(p_user, v_space);
        SELECT max(w.as_of) INTO v_as_of
        FROM interestream.user_windows AS w
        JOIN interestream.blend_weights AS b ON b.kind = w.kind AND b.weight > 0
        WHERE w.space_id = v_space AND w.user_id = p_user;
    END IF;
    RETURN QUERY
    SELECT t.rank, t.topic, t.share, t.cosine, v_as_of
    FROM interestream.topic_shares(v_vector, p_k, v_space) AS t;
END;
$$;

COMMENT ON FUNCTION interestream.user_topics IS
'What a user engages with, by named topic: the p_k strongest with their shares, and the row other for the rest; the shares add up to 1. They come from the user''s window of kind topics (what the user likes and what the user comments on, liked or not), or from the blend of the other windows where there is none. cosine: of topic and window, null for other; as_of: the time of the window. No rows for an unknown user.';

GRANT EXECUTE ON FUNCTION interestream.user_topics TO interestream_reader, interestream_admin;
