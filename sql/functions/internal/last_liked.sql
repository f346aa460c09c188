CREATE OR REPLACE FUNCTION interestream.last_liked(p_user text, p_limit integer)
RETURNS TABLE (item_id text, last_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT few.item_id, few.last_at
    FROM (
        SELECT u.item_id, u.last_at
        FROM interestream.user_items AS u
        WHERE u.user_id = p_user AND u.signal > 0
        LIMIT 1000
    ) AS few
    ORDER BY few.last_at DESC, few.item_id
    LIMIT p_limit
$$;

COMMENT ON FUNCTION interestream.last_liked IS
'The newest p_limit items that p_user liked (signal > 0), newest first; of a user with more than 1,000 such items, out of some 1,000 of them.';

GRANT EXECUTE ON FUNCTION interestream.last_liked TO interestream_reader, interestream_writer, interestream_admin;
