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
        AND ((p_filter).published_before IS NULL OR p_item.published_at < (p_filter).published_before)
        AND (
            (p_filter).types IS NULL
            OR interestream.item_type(p_item.attributes, p_item.categories) = ANY((p_filter).types)
        )
        AND (
            (p_filter).not_types IS NULL
            OR (interestream.item_type(p_item.attributes, p_item.categories) = ANY((p_filter).not_types)) IS NOT TRUE
        )
        AND ((p_filter).not_categories IS NULL OR NOT p_item.categories && (p_filter).not_categories)
        AND ((p_filter).in_ranges IS NULL OR p_item.attributes @@ (p_filter).in_ranges)
        AND ((p_filter).no_attribute IS NULL OR NOT p_item.attributes @> ANY((p_filter).no_attribute))
        AND (
            (p_filter).no_word IS NULL
            OR (lower(p_item.title) ~ (p_filter).no_word OR lower(p_item.body) ~ (p_filter).no_word) IS NOT TRUE
        )
$$;

COMMENT ON FUNCTION interestream.passes_filter IS
'Whether an item is available and meets all that p_filter (may be null) asks for.';

GRANT EXECUTE ON FUNCTION interestream.passes_filter TO interestream_reader, interestream_writer, interestream_admin;
