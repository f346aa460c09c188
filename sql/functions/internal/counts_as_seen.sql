CREATE OR REPLACE FUNCTION interestream.counts_as_seen(
    p_known interestream.user_items, p_mask bigint, p_rules boolean
) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
-- It has no SET clause, so Postgres writes it into the calling statement.
AS $$
    SELECT p_known.signal < 0 OR (
        p_known.actions & p_mask <> 0
        AND (NOT p_rules OR interestream.seen_by_rules(p_known.item_id, p_known.actions & p_mask, p_known.last_at))
    )
$$;

COMMENT ON FUNCTION interestream.counts_as_seen IS
'Whether what a user did with an item keeps it out of answers: the user dislikes it, or has seen it and no rule says that it may come again. p_mask: seen_mask(); p_rules: has_repeat_rules().';

GRANT EXECUTE ON FUNCTION interestream.counts_as_seen TO interestream_reader, interestream_writer, interestream_admin;
