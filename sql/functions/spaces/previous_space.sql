CREATE OR REPLACE FUNCTION interestream.previous_space() RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
    SELECT a.space_id
    FROM interestream.space_activations AS a
    JOIN interestream.spaces AS s ON s.space_id = a.space_id
    WHERE NOT s.active
    ORDER BY a.activation_id DESC
    LIMIT 1
$$;

COMMENT ON FUNCTION interestream.previous_space IS
'The space that was active before the active one and still exists; null when there is none. SELECT interestream.activate_space(interestream.previous_space()) goes back, and the same again goes forward.';

GRANT EXECUTE ON FUNCTION interestream.previous_space TO interestream_reader, interestream_admin;
