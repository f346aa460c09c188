CREATE OR REPLACE FUNCTION interestream.hold_space(p_space integer) RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path FROM CURRENT
AS $$
BEGIN
    -- The next statement sees what was committed while this one waited.
    PERFORM pg_advisory_xact_lock_shared('interestream.spaces'::regclass::oid::integer, p_space);
    RETURN EXISTS (SELECT FROM interestream.spaces AS s WHERE s.space_id = p_space);
END;
$$;

COMMENT ON FUNCTION interestream.hold_space IS
'Whether there is such a space; if so, drop_space() waits for the end of the transaction. Call it first in a READ COMMITTED transaction that writes rows of the space: without it they could be written when the space is gone, and nobody would delete them.';

GRANT EXECUTE ON FUNCTION interestream.hold_space TO interestream_writer, interestream_admin;
