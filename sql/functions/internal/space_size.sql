CREATE OR REPLACE FUNCTION interestream.space_size(p_space integer) RETURNS double precision
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
    SELECT pg_relation_size(c.oid) / (s.dim * 2.0 + 64.0)
    FROM interestream.spaces AS s
    JOIN pg_catalog.pg_class AS c
        ON c.relname = 'item_vectors_' || s.space_id AND c.relnamespace = 'interestream'::regnamespace
    WHERE s.space_id = p_space
$$;

COMMENT ON FUNCTION interestream.space_size IS
'About how many items have a vector in a space, by the size of its partition: dead rows count, too. Null when there is no such space.';

GRANT EXECUTE ON FUNCTION interestream.space_size TO interestream_reader, interestream_writer, interestream_admin;
