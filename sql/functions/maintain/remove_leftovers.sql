CREATE OR REPLACE FUNCTION interestream.remove_leftovers(p_count boolean DEFAULT false) RETURNS bigint
LANGUAGE sql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
    -- No id is given twice, so a table of millions of rows is asked for a few ids by its key, and not read.
    SELECT coalesce(sum(interestream.delete_space_rows(ids.space_id, p_count)), 0)::bigint
    FROM (
        SELECT i::integer AS space_id
        FROM generate_series(
            1, pg_sequence_last_value(pg_get_serial_sequence('interestream.spaces', 'space_id')::regclass)
        ) AS i
        EXCEPT
        SELECT s.space_id FROM interestream.spaces AS s
    ) AS ids
$$;

COMMENT ON FUNCTION interestream.remove_leftovers IS
'Deletes the rows that a job wrote of a space when it was gone, as jobs before hold_space() did: see delete_space_rows(). Returns how many rows went; with p_count it only counts them.';

GRANT EXECUTE ON FUNCTION interestream.remove_leftovers TO interestream_admin;
