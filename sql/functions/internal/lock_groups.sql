-- A transaction that writes an item locks the group that the item is in and the one that it will be in. So one
-- transaction at a time writes the members of a group, and it sees what all before it have written.
CREATE OR REPLACE FUNCTION interestream.lock_groups(
    p_items text[], p_groups text[], p_titles text[], p_bodies text[]
) RETURNS bytea[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path FROM CURRENT
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    -- A lock for each first byte of a key: the lock table has room for some thousands, a batch can have more groups.
    c_locks constant integer := 'interestream.items'::regclass::oid::integer;
    v_new bytea[] := ARRAY(
        SELECT interestream.group_key(own.item_id, own.group_id, own.title, own.body)
        FROM unnest(p_items, p_groups, p_titles, p_bodies) AS own (item_id, group_id, title, body)
    );
    v_stored bytea[];  -- null for an item that is not stored yet
    v_held integer[] := '{}';
    v_missing integer[];
BEGIN
    LOOP
        v_stored := ARRAY(
            SELECT stored.group_key
            FROM unnest(p_items) WITH ORDINALITY AS own (item_id, place)
            LEFT JOIN LATERAL (
                SELECT known.group_key FROM interestream.items AS known WHERE known.item_id = own.item_id OFFSET 0
            ) AS stored ON true
            ORDER BY own.place
        );
        v_missing := ARRAY(
            -- An item that is not stored is locked by its id: two writers could both find that it has no group.
            SELECT coalesce(get_byte(own.key, 0), hashtext(own.item_id) & 255)
            FROM unnest(p_items, v_stored) AS own (item_id, key)
            UNION
            SELECT get_byte(own.key, 0) FROM unnest(v_new) AS own (key)
            EXCEPT
            SELECT held.number FROM unnest(v_held) AS held (number)
            ORDER BY 1
        );
        EXIT WHEN cardinality(v_missing) = 0;
        -- The order keeps transactions from waiting for each other.
        PERFORM pg_advisory_xact_lock(c_locks, missing.number) FROM unnest(v_missing) AS missing (number);
        v_held := v_held || v_missing;
        -- Another transaction may have moved an item meanwhile: look again.
    END LOOP;
    RETURN ARRAY(
        SELECT DISTINCT keys.key FROM unnest(v_new || v_stored) AS keys (key) WHERE keys.key IS NOT NULL
    );
END;
$$;

COMMENT ON FUNCTION interestream.lock_groups IS
'Call it first in a READ COMMITTED transaction that writes items, with their ids, group ids, titles and texts. Locks the groups that they are in and will be in until the transaction ends, and returns their keys, for settle_groups() after the write.';

GRANT EXECUTE ON FUNCTION interestream.lock_groups TO interestream_writer, interestream_admin;
