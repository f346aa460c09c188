CREATE OR REPLACE FUNCTION interestream.seen_in_group(
    p_group bytea, p_user text, p_mask bigint, p_rules boolean
) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN p_user IS NOT NULL AND EXISTS (
        SELECT
        FROM interestream.items AS members
        CROSS JOIN LATERAL (
            SELECT FROM interestream.user_items AS known
            WHERE known.user_id = p_user AND known.item_id = members.item_id
                AND interestream.counts_as_seen(known, p_mask, p_rules)
            OFFSET 0
        ) AS seen
        WHERE members.group_key = p_group
    );
END;
$$;

COMMENT ON FUNCTION interestream.seen_in_group IS
'Whether p_user has seen or disliked an item of the group p_group, available or not. p_mask: seen_mask(); p_rules: has_repeat_rules(). False without a user. Ask it of items with a representative only: another item is alone in its group.';

GRANT EXECUTE ON FUNCTION interestream.seen_in_group TO interestream_reader, interestream_writer, interestream_admin;
