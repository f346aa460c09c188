CREATE OR REPLACE FUNCTION interestream.old_spaces(p_before timestamptz)
RETURNS TABLE (space_id integer, bundle text, last_used_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
    SELECT s.space_id, s.bundle_name || '@' || s.bundle_version, used.last_at
    FROM interestream.spaces AS s
    -- A sequence model is used as long as a newer one has not taken its place for good.
    LEFT JOIN LATERAL (
        SELECT m.space_id, m.created_at FROM interestream.spaces AS m
        WHERE m.of_space = s.of_space AND m.space_id > s.space_id AND m.serving
        ORDER BY m.space_id
        LIMIT 1
    ) AS newer ON true
    CROSS JOIN LATERAL (
        SELECT greatest(
            s.created_at,
            (SELECT max(p.committed_at) FROM interestream.job_progress AS p WHERE p.space_id = s.space_id),
            (SELECT max(a.activated_at) FROM interestream.space_activations AS a WHERE a.space_id = s.space_id),
            newer.created_at
        ) AS last_at
    ) AS used
    WHERE NOT s.active AND s.space_id IS DISTINCT FROM interestream.previous_space() AND used.last_at < p_before
        AND (s.of_space IS NULL OR newer.space_id IS NOT NULL)
    ORDER BY s.space_id
$$;

COMMENT ON FUNCTION interestream.old_spaces IS
'Spaces that were neither made nor activated nor written to since p_before, by space_id, but for the active one and the previous one (previous_space()); and sequence models in whose place a newer one serves since before p_before. last_used_at: the newest of these times.';

GRANT EXECUTE ON FUNCTION interestream.old_spaces TO interestream_reader, interestream_admin;
