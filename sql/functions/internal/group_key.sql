-- The column items.group_key is made of it: what it gives for an item must stay as it is, or rows that are not written
-- again keep another key than new ones. A migration that changes it computes the column anew.
CREATE OR REPLACE FUNCTION interestream.group_key(
    p_item text, p_group text, p_title text, p_body text
) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    -- The length keeps title and text apart; a cast to bytea reads backslashes, so they are doubled for it.
    SELECT substring(sha256(replace(
        CASE
            WHEN p_group <> '' THEN 'group ' || p_group
            WHEN p_title <> '' OR p_body <> '' THEN 'text ' || length(p_title) || ' ' || p_title || coalesce(p_body, '')
            ELSE 'item ' || p_item
        END, '\', '\\'
    )::bytea), 1, 16)
$$;

COMMENT ON FUNCTION interestream.group_key IS
'What items that take one place have in common: 16 bytes of a sha256 of the group id or, without one, of title and text; without these of the item''s id.';

GRANT EXECUTE ON FUNCTION interestream.group_key TO interestream_reader, interestream_writer, interestream_admin;
