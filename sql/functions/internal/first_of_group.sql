CREATE OR REPLACE FUNCTION interestream.first_of_group(
    p_item text, p_group bytea, p_filter interestream.item_filter
) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN NOT EXISTS (
        SELECT FROM interestream.items AS earlier
        WHERE earlier.group_key = p_group AND earlier.item_id < p_item
            AND interestream.passes_filter(earlier, p_filter)
    );
END;
$$;

COMMENT ON FUNCTION interestream.first_of_group IS
'Whether no item of the group p_group with a lower id than p_item passes p_filter: an item that passes it stands for its group then. Without a filter items.representative says the same.';

GRANT EXECUTE ON FUNCTION interestream.first_of_group TO interestream_reader, interestream_writer, interestream_admin;
