CREATE OR REPLACE FUNCTION interestream.user_place(p_experiment text, p_user text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    -- sha256, since Postgres does not promise that its own hashes stay the same from one major version to the next.
    SELECT (
        ('x' || left(encode(sha256(convert_to(p_experiment || ':' || p_user, 'UTF8')), 'hex'), 8))::bit(32)::bigint
        * 10000 >> 32
    )::integer
$$;

COMMENT ON FUNCTION interestream.user_place IS
'The place of a user in an experiment, 0 to 9,999: the first 32 bits of the sha256 of experiment, colon and user, as a share of 10,000.';

GRANT EXECUTE ON FUNCTION interestream.user_place TO interestream_reader, interestream_admin;
