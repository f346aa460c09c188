-- An index of items is made of it: what it gives for an item must stay as it is.
CREATE OR REPLACE FUNCTION interestream.item_type(p_attributes jsonb, p_categories text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT coalesce(
        CASE WHEN jsonb_typeof(p_attributes -> 'type') = 'string' THEN p_attributes ->> 'type' END, p_categories[1]
    )
$$;

COMMENT ON FUNCTION interestream.item_type IS
'The type of an item: its attribute type where that is a text, else the first of its categories; null without both.';

GRANT EXECUTE ON FUNCTION interestream.item_type TO interestream_reader, interestream_writer, interestream_admin;
