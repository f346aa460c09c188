CREATE OR REPLACE FUNCTION interestream.settle_groups(p_keys bytea[]) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER
SET search_path FROM CURRENT
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    v_item record;
BEGIN
    -- One by one: where an ANALYZE has met the table while its first rows were not committed, a join is planned for
    -- no row at all, and goes through all members of these groups for each item of the table.
    FOR v_item IN
        SELECT settled.item_id, settled.representative
        FROM (
            SELECT
                members.item_id,
                CASE
                    WHEN count(*) OVER (PARTITION BY keys.key) > 1 THEN first_value(members.item_id) OVER (
                        PARTITION BY keys.key ORDER BY members.available DESC, members.item_id ASC
                    )
                END AS representative,
                members.representative AS stored
            FROM unnest(p_keys) AS keys (key)
            CROSS JOIN LATERAL (
                SELECT known.item_id, known.available, known.representative
                FROM interestream.items AS known
                WHERE known.group_key = keys.key
                OFFSET 0
            ) AS members
        ) AS settled
        WHERE settled.representative IS DISTINCT FROM settled.stored
    LOOP
        UPDATE interestream.items AS i SET representative = v_item.representative WHERE i.item_id = v_item.item_id;
    END LOOP;
END;
$$;

COMMENT ON FUNCTION interestream.settle_groups IS
'Writes items.representative of all items of these groups, each key given once; see lock_groups().';

GRANT EXECUTE ON FUNCTION interestream.settle_groups TO interestream_writer, interestream_admin;
