CREATE OR REPLACE FUNCTION interestream.dead_letter_counts()
RETURNS TABLE (space_id integer, stream text, reason text, letters bigint, removed bigint)
LANGUAGE sql STABLE PARALLEL SAFE
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
    SELECT c.space_id, c.stream, c.reason, sum(c.letters)::bigint, sum(c.removed)::bigint
    FROM (
        SELECT d.space_id, d.stream, d.reason, count(*) AS letters, 0 AS removed
        FROM interestream.dead_letters AS d
        GROUP BY d.space_id, d.stream, d.reason
        UNION ALL
        SELECT r.space_id, r.stream, r.reason, 0, r.letters
        FROM interestream.removed_dead_letters AS r
    ) AS c
    GROUP BY c.space_id, c.stream, c.reason
    ORDER BY c.space_id, c.stream, c.reason
$$;

COMMENT ON FUNCTION interestream.dead_letter_counts IS
'One row per space, stream and reason: how many dead letters are there, and how many were removed for their age. Reads all dead letters and shows none of their records.';

GRANT EXECUTE ON FUNCTION interestream.dead_letter_counts TO interestream_reader, interestream_admin;
