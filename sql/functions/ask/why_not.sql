CREATE OR REPLACE FUNCTION interestream.why_not(
    p_item text,
    p_user text DEFAULT NULL,
    p_space integer DEFAULT NULL,
    p_filter interestream.item_filter DEFAULT NULL,
    p_exclude text[] DEFAULT NULL
) RETURNS TABLE (obstacle text, words text)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
-- Look-ups by key, whatever the statistics say: see recommend_batch().
SET enable_seqscan = off
AS $$
DECLARE
    v_space integer := interestream.chosen_space(p_space);
    v_mask bigint := interestream.seen_mask();
    v_repeats boolean := interestream.has_repeat_rules();
    v_item interestream.items;
    v_own interestream.user_items;
    v_first record;
    v_other record;
BEGIN
    IF p_item IS NULL THEN
        RAISE EXCEPTION 'why_not() needs an item' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    SELECT i.* INTO v_item FROM interestream.items AS i WHERE i.item_id = p_item;
    IF NOT FOUND THEN
        obstacle := 'unknown';
        words := 'There is no such item: it has not come yet, or was deleted for good.';
        RETURN NEXT;
        RETURN;
    END IF;
    IF NOT v_item.available THEN
        obstacle := 'withdrawn';
        words := 'It is withdrawn: the stream of items said that it is not available.';
        RETURN NEXT;
    END IF;
    IF NOT EXISTS (
        SELECT FROM interestream.item_vectors AS v WHERE v.space_id = v_space AND v.item_id = p_item
    ) THEN
        obstacle := 'no_vector';
        words := 'It has no vector in space ' || v_space
            || ': its text is not encoded yet. It comes only where popularity alone decides, or to fill a list that would be too short.';
        RETURN NEXT;
    END IF;
    IF v_item.representative IS NOT NULL THEN
        SELECT i.item_id, i.title INTO v_first
        FROM interestream.items AS i
        WHERE i.group_key = v_item.group_key AND i.item_id < p_item AND interestream.passes_filter(i, p_filter)
        ORDER BY i.item_id
        LIMIT 1;
        IF FOUND THEN
            obstacle := 'variant';
            words := 'Another item of its group stands for it: ' || v_first.item_id || ', "' || v_first.title || '".';
            RETURN NEXT;
        END IF;
    END IF;
    SELECT u.* INTO v_own FROM interestream.user_items AS u WHERE u.user_id = p_user AND u.item_id = p_item;
    IF v_own.actions & v_mask <> 0 AND (
        NOT v_repeats OR interestream.seen_by_rules(p_item, v_own.actions & v_mask, v_own.last_at)
    ) THEN
        obstacle := 'seen';
        words := 'The user has seen it: ' || coalesce((
            SELECT string_agg(a.action, ', ' ORDER BY a.bit)
            FROM interestream.actions AS a
            WHERE v_own.actions >> a.bit & 1 = 1 AND a.seen
        ), 'an action') || ', last on ' || to_char(v_own.last_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC.';
        RETURN NEXT;
    END IF;
    IF v_own.signal < 0 THEN
        obstacle := 'disliked';
        words := 'The user dislikes it since '
            || to_char(v_own.signal_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC.';
        RETURN NEXT;
    END IF;
    IF v_item.representative IS NOT NULL THEN
        SELECT i.item_id, i.title INTO v_other
        FROM interestream.items AS i
        JOIN interestream.user_items AS u ON u.user_id = p_user AND u.item_id = i.item_id
        WHERE i.group_key = v_item.group_key AND i.item_id <> p_item
            AND interestream.counts_as_seen(u, v_mask, v_repeats)
        ORDER BY i.item_id
        LIMIT 1;
        IF FOUND THEN
            obstacle := 'seen_variant';
            words := 'The user has seen or dislikes another item of its group: ' || v_other.item_id || ', "'
                || v_other.title || '".';
            RETURN NEXT;
        END IF;
    END IF;
    IF p_item = ANY(p_exclude) OR EXISTS (
        SELECT FROM interestream.items AS i
        WHERE i.item_id = ANY(p_exclude) AND i.group_key = v_item.group_key AND v_item.representative IS NOT NULL
    ) THEN
        obstacle := 'excluded';
        words := 'The question leaves it out by id, or another item of its group.';
        RETURN NEXT;
    END IF;
    v_item.available := true;
    RETURN QUERY
    SELECT 'filtered', 'It does not pass the filter: ' || each.condition || '.'
    FROM interestream.filter_conditions(p_filter) AS each
    WHERE interestream.passes_filter(v_item, each.single) IS NOT TRUE
    ORDER BY each.place;
END;
$$;

COMMENT ON FUNCTION interestream.why_not IS
'Why p_item cannot be among the recommendations for p_user (null: for anybody), one row for each obstacle: unknown, withdrawn, no_vector, variant (another item stands for its group), seen, disliked, seen_variant (the user has seen or dislikes one of its group), excluded (by p_exclude), filtered (a row for each condition of p_filter that it fails); words: a sentence about it. No row: nothing stands against it, and its score alone decides. Errors: null_value_not_allowed, undefined_object.';

GRANT EXECUTE ON FUNCTION interestream.why_not TO interestream_reader, interestream_admin;
