CREATE OR REPLACE FUNCTION interestream.seen_mask() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN count(*) = 0 THEN -1 ELSE coalesce(bit_or(1::bigint << a.bit) FILTER (WHERE a.seen), 0) END
    FROM interestream.actions AS a
$$;

COMMENT ON FUNCTION interestream.seen_mask IS
'The bits of user_items.actions that count an item as seen; all bits as long as no action is configured.';

GRANT EXECUTE ON FUNCTION interestream.seen_mask TO interestream_reader, interestream_writer, interestream_admin;
