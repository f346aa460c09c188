CREATE OR REPLACE FUNCTION interestream.with_variants(p_items text[]) RETURNS text[]
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SET search_path FROM CURRENT
-- Look-ups by key, whatever the statistics say: see recommend_batch().
SET jit = off
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
BEGIN
    RETURN p_items || ARRAY(
        SELECT members.item_id
        FROM unnest(p_items) AS own (item_id)
        CROSS JOIN LATERAL (
            SELECT known.group_key FROM interestream.items AS known
            WHERE known.item_id = own.item_id AND known.representative IS NOT NULL
            OFFSET 0
        ) AS grouped
        CROSS JOIN LATERAL (
            SELECT known.item_id FROM interestream.items AS known
            WHERE known.group_key = grouped.group_key AND known.item_id <> own.item_id
            OFFSET 0
        ) AS members
    );
END;
$$;

COMMENT ON FUNCTION interestream.with_variants IS
'p_items and all items of their groups.';

GRANT EXECUTE ON FUNCTION interestream.with_variants TO interestream_reader, interestream_admin;
