-- Items that are one for a reader: those of one group_id, or of one title and text. One of them stands for all.
ALTER TABLE interestream.items ADD COLUMN group_id text;
COMMENT ON COLUMN interestream.items.group_id IS
'As the items stream last told it: items of one group_id take one place in an answer. Null: what has the same title and text does.';

-- Replaced with the other functions. What it gives stays: the column below is computed when a row is written.
CREATE FUNCTION interestream.group_key(p_item text, p_group text, p_title text, p_body text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT substring(sha256(replace(
        CASE
            WHEN p_group <> '' THEN 'group ' || p_group
            WHEN p_title <> '' OR p_body <> '' THEN 'text ' || length(p_title) || ' ' || p_title || coalesce(p_body, '')
            ELSE 'item ' || p_item
        END, '\', '\\'
    )::bytea), 1, 16)
$$;

-- Existing items get their key here: the table is written anew once.
ALTER TABLE interestream.items
ADD COLUMN group_key bytea NOT NULL GENERATED ALWAYS AS (
    interestream.group_key(item_id, group_id, title, body)
) STORED,
ADD COLUMN representative text;
COMMENT ON COLUMN interestream.items.group_key IS
'Names the group of the item: the first 16 bytes of a sha256 of group_id, or without one of title and text.';
COMMENT ON COLUMN interestream.items.representative IS
'The item that stands for the group: of its available items (of all, if none is available) the one with the lowest id. Null: no other item is in the group. Written by settle_groups().';

-- The members of a group in order; and the items that are not alone, few in most catalogues.
CREATE INDEX items_group ON interestream.items (group_key, item_id);
CREATE INDEX items_grouped ON interestream.items (item_id) WHERE representative IS NOT NULL;

UPDATE interestream.items AS i SET representative = g.representative
FROM (
    SELECT
        m.item_id,
        count(*) OVER (PARTITION BY m.group_key) AS members,
        first_value(m.item_id) OVER (PARTITION BY m.group_key ORDER BY m.available DESC, m.item_id ASC) AS representative
    FROM interestream.items AS m
) AS g
WHERE i.item_id = g.item_id AND g.members > 1;
