CREATE OR REPLACE FUNCTION interestream.last_liked(p_user text, p_limit integer)
RETURNS TABLE (item_id text, last_at timestamptz, bought boolean)
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT
        few.item_id,
        few.last_at,
        few.actions & (
            SELECT coalesce(bit_or(1::bigint << known.bit), 0)
            FROM interestream.actions AS known
            JOIN interestream.buying_actions AS buying ON buying.action = known.action
        ) <> 0
    FROM (
        SELECT u.item_id, u.last_at, u.actions, u.signal_key
        FROM interestream.user_items AS u
        WHERE u.user_id = p_user AND u.signal > 0
        -- All are read and sorted: no index holds them by time.
        LIMIT 5000
    ) AS few
    -- Of one moment in the order in which the job counts events.
    ORDER BY few.last_at DESC, few.signal_key DESC NULLS LAST, few.item_id
    LIMIT p_limit
$$;

COMMENT ON FUNCTION interestream.last_liked IS
'The newest p_limit items that p_user liked (signal > 0), newest first; of a user with more than 5,000 such items, out of some 5,000 of them. bought: whether one of buying_actions was among what the user did with the item. Those of one moment come in the order of signal_key, the last first.';

GRANT EXECUTE ON FUNCTION interestream.last_liked TO interestream_reader, interestream_writer, interestream_admin;
