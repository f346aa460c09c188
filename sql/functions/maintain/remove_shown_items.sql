CREATE OR REPLACE FUNCTION interestream.remove_shown_items(
    p_before timestamptz,
    p_after_user text,
    p_after_item text,
    p_limit integer
) RETURNS TABLE (last_user text, last_item text, removed bigint)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    v_users text[];
    v_items text[];
BEGIN
    PERFORM interestream.check_batch(p_before, p_limit);
    SELECT array_agg(page.user_id), array_agg(page.item_id)
    INTO v_users, v_items
    FROM (
        SELECT r.user_id, r.item_id
        FROM interestream.shown_items AS r
        WHERE (r.user_id, r.item_id) > (coalesce(p_after_user, ''), coalesce(p_after_item, ''))
        ORDER BY r.user_id, r.item_id
        LIMIT p_limit
    ) AS page;
    last_user := v_users[cardinality(v_users)];
    last_item := v_items[cardinality(v_items)];
    WITH old AS MATERIALIZED (
        SELECT r.user_id, r.item_id
        FROM unnest(v_users, v_items) AS page (user_id, item_id)
        INNER JOIN interestream.shown_items AS r ON r.user_id = page.user_id AND r.item_id = page.item_id
        WHERE r.committed_at < p_before
        FOR UPDATE OF r SKIP LOCKED
    ),

    gone AS (
        DELETE FROM interestream.shown_items AS r USING old AS o
        WHERE r.user_id = o.user_id AND r.item_id = o.item_id
        RETURNING r.user_id
    )

    SELECT count(*) INTO removed FROM gone AS g;
    RETURN NEXT;
END;
$$;

COMMENT ON FUNCTION interestream.remove_shown_items IS
'Looks at the next p_limit rows of shown_items behind (p_after_user, p_after_item) (null: from the first one on), by user and item, and deletes those that were last written before p_before. Returns one row: the key of the last row looked at, null behind the last one, and how many went. What is deleted counts as not shown. Errors: null_value_not_allowed, invalid_parameter_value.';

GRANT EXECUTE ON FUNCTION interestream.remove_shown_items TO interestream_admin;
