CREATE OR REPLACE FUNCTION interestream.passes_filter(
    p_item interestream.items, p_filter interestream.item_filter
) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
-- It has no SET clause, so Postgres writes it into the calling statement, which can then use the columns' indexes.
AS $$
    SELECT p_item.available
        AND ((p_filter).categories IS NULL OR p_item.categories && (p_filter).categories)
        AND ((p_filter).languages IS NULL OR p_item.language = ANY((p_filter).languages))
        AND ((p_filter).attributes IS NULL OR p_item.attributes @> (p_filter).attributes)
        AND ((p_filter).published_after IS NULL OR p_item.published_at >= (p_filter).published_after)
$$;

COMMENT ON FUNCTION interestream.passes_filter IS
'Whether an item is available and meets all that p_filter (may be null) asks for.';

GRANT EXECUTE ON FUNCTION interestream.passes_filter TO interestream_reader, interestream_writer, interestream_admin;
