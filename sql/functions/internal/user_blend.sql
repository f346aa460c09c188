CREATE OR REPLACE FUNCTION interestream.user_blend(p_user text, p_space integer) RETURNS halfvec
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
    -- Windows that cancel each other out have no direction, hence null.
    SELECT CASE WHEN vector_norm(s.total) > 0 THEN l2_normalize(s.total)::halfvec END
    FROM (
        SELECT sum(w.embedding::vector * array_fill(b.weight, ARRAY[vector_dims(w.embedding)])::vector) AS total
        FROM interestream.user_windows AS w
        JOIN interestream.blend_weights AS b ON b.kind = w.kind AND b.weight > 0
        WHERE w.space_id = p_space AND w.user_id = p_user
    ) AS s
$$;

COMMENT ON FUNCTION interestream.user_blend IS
'One unit vector for all windows of a user: their sum weighted by blend_weights; null without windows.';

GRANT EXECUTE ON FUNCTION interestream.user_blend TO interestream_reader, interestream_writer, interestream_admin;
