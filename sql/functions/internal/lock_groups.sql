-- Whoever writes an item holds the lock of its group as it is and as it will be. So the members of a group are written
-- by one transaction at a time, which sees those of all before it.
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
    v_keys bytea[];
    v_held integer[] := '{}';
    v_missing integer[];
BEGIN
    LOOP
        -- An item that is not stored yet is locked by its id, or two writers could both find that it has no group.
        v_keys := v_new || ARRAY(
            SELECT coalesce(stored.group_key, interestream.group_key(own.item_id, NULL, '', NULL))
            FROM unnest(p_items) AS own (item_id)
            LEFT JOIN LATERAL (
                SELECT known.group_key FROM interestream.items AS known WHERE known.item_id = own.item_id OFFSET 0
            ) AS stored ON true
        );
        v_missing := ARRAY(
            SELECT DISTINCT get_byte(keys.key, 0) FROM unnest(v_keys) AS keys (key)
            WHERE get_byte(keys.key, 0) <> ALL(v_held)
            ORDER BY 1
        );
        EXIT WHEN cardinality(v_missing) = 0;
        -- The order keeps transactions from waiting for each other.
        FOR i IN 1..cardinality(v_missing) LOOP
            PERFORM pg_advisory_xact_lock(c_locks, v_missing[i]);
        END LOOP;
        v_held := v_held || v_missing;
        -- Another transaction may have moved an item meanwhile: look again.
    END LOOP;
    RETURN ARRAY(SELECT DISTINCT keys.key FROM unnest(v_keys) AS keys (key));
END;
$$;

COMMENT ON FUNCTION interestream.lock_groups IS
'Call it first in a READ COMMITTED transaction that writes items, with their ids, group ids, titles and texts. Locks the groups that they are in and will be in until the transaction ends, and returns their keys, for settle_groups() after the write.';

GRANT EXECUTE ON FUNCTION interestream.lock_groups TO interestream_writer, interestream_admin;
