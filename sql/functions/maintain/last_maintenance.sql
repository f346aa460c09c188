CREATE OR REPLACE FUNCTION interestream.last_maintenance()
RETURNS TABLE (ran_at timestamptz, oldest_letter_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
    SELECT
        (SELECT max(m.ran_at) FROM interestream.maintenance AS m),
        (SELECT min(d.committed_at) FROM interestream.dead_letters AS d)
$$;

COMMENT ON FUNCTION interestream.last_maintenance IS
'One row: when `interestream maintain` last ended (null: never), and when the oldest dead letter that is there was written (null: there is none).';

GRANT EXECUTE ON FUNCTION interestream.last_maintenance TO interestream_reader, interestream_admin;
