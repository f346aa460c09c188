CREATE OR REPLACE FUNCTION interestream.engaged_topics(
    p_user text,
    p_k integer,
    p_space integer
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
    v_vector halfvec;
    v_as_of timestamptz;
BEGIN
    SELECT w.embedding, w.as_of INTO v_vector, v_as_of
    FROM interestream.user_windows AS w
    WHERE w.space_id = p_space AND w.user_id = p_user AND w.kind = 'topics';
    IF NOT FOUND THEN
        v_vector := interestream.user_blend(p_user, p_space);
        SELECT max(w.as_of) INTO v_as_of
        FROM interestream.user_windows AS w
        JOIN interestream.blend_weights AS b ON b.kind = w.kind AND b.weight > 0
        WHERE w.space_id = p_space AND w.user_id = p_user;
    END IF;
    RETURN QUERY
    SELECT t.rank, t.topic, t.share, t.cosine, v_as_of
    FROM interestream.topic_shares(v_vector, p_k, p_space) AS t;
END;
$$;

COMMENT ON FUNCTION interestream.engaged_topics IS
'user_topics() with the topics by their names in interestream.topics, whatever language is asked for, so that they can be kept and compared; the rest is other. No rows for an unknown user.';

GRANT EXECUTE ON FUNCTION interestream.engaged_topics TO interestream_reader, interestream_admin;
