CREATE OR REPLACE FUNCTION interestream.deleted_items_since(p_number bigint)
RETURNS TABLE (number bigint, item_id text)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path FROM CURRENT
SET enable_seqscan = off
AS $$
BEGIN
    -- The next statement sees what was committed while this one waited.
    PERFORM pg_advisory_xact_lock_shared('interestream.deleted_items'::regclass::oid::integer, 0);
    RETURN QUERY
    SELECT d.number, d.item_id FROM interestream.deleted_items AS d WHERE d.number > p_number ORDER BY d.number;
END;
$$;

COMMENT ON FUNCTION interestream.deleted_items_since IS
'The deleted items behind p_number, in order. Call it first in a READ COMMITTED transaction that writes rows of items, vectors, neighbours or trends: until it ends no item is deleted that it does not know of.';

GRANT EXECUTE ON FUNCTION interestream.deleted_items_since TO interestream_writer, interestream_admin;
