-- Which sequence model each of some users is served with, and the user's vector in it.
CREATE OR REPLACE FUNCTION interestream.sequence_users(p_space integer, p_users text[])
RETURNS TABLE (user_number integer, model integer, embedding halfvec, scale real)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
SET search_path FROM CURRENT
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
    SELECT users.number::integer, own.space_id, own.embedding, own.scale
    FROM unnest(p_users) WITH ORDINALITY AS users (user_id, number)
    CROSS JOIN LATERAL (
        SELECT models.space_id, models.scale, known.embedding
        FROM interestream.spaces AS models
        CROSS JOIN LATERAL (
            SELECT windows.embedding
            FROM interestream.user_windows AS windows
            WHERE windows.space_id = models.space_id AND windows.user_id = users.user_id AND windows.kind = 'sequence'
            OFFSET 0
        ) AS known
        WHERE models.of_space = p_space AND models.serving
        ORDER BY models.space_id DESC
        LIMIT 1
    ) AS own
$$;

COMMENT ON FUNCTION interestream.sequence_users IS
'For each of p_users (by its number from 1) the newest serving sequence model of the space that has a vector of the user, with that vector and the model''s scale; no row for a user without one.';

GRANT EXECUTE ON FUNCTION interestream.sequence_users TO interestream_reader, interestream_writer, interestream_admin;
