CREATE OR REPLACE FUNCTION interestream.delete_items(p_items text[]) RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER
SET search_path FROM CURRENT
-- Postgres hashes a list of ids that is known when it plans: a hundred times as fast with a thousand of them.
SET plan_cache_mode = force_custom_plan
SET jit = off
-- Rows are found by keys, whatever the statistics say.
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    c_few constant integer := 5;  -- up to so many ids each is compared with each
    v_spaces integer[] := ARRAY(SELECT s.space_id FROM interestream.spaces AS s);
    v_keys bytea[];
    v_total bigint := 0;
    v_rows bigint;
    v_table text;
BEGIN
    IF p_items IS NULL OR array_position(p_items, NULL) IS NOT NULL OR '' = ANY(p_items) THEN
        RAISE EXCEPTION 'delete_items() needs ids of items' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    -- Whoever writes rows of items holds this lock shared (deleted_items_since()): what is written before goes here,
    -- and what is written later knows of it.
    PERFORM pg_advisory_xact_lock('interestream.deleted_items'::regclass::oid::integer, 0);
    v_keys := interestream.lock_groups(p_items, '{}', '{}', '{}');
    INSERT INTO interestream.deleted_items (item_id)
    SELECT DISTINCT named.item_id FROM unnest(p_items) AS named (item_id) ORDER BY 1
    ON CONFLICT DO NOTHING;
    FOREACH v_table IN ARRAY ARRAY['items', 'item_vectors', 'item_neighbors', 'trends', 'dead_letters'] LOOP
        EXECUTE format(
            'DELETE FROM interestream.%I WHERE item_id = ANY($1)'
            -- The keys of these two begin with the space.
            || CASE WHEN v_table IN ('item_vectors', 'item_neighbors') THEN ' AND space_id = ANY($2)' ELSE '' END,
            v_table
        ) USING p_items, v_spaces;
        GET DIAGNOSTICS v_rows = ROW_COUNT;
        v_total := v_total + v_rows;
    END LOOP;
    PERFORM interestream.settle_groups(v_keys);
    UPDATE interestream.trend_windows AS t SET best_ids = ARRAY(
        SELECT best.item_id FROM unnest(t.best_ids) WITH ORDINALITY AS best (item_id, place)
        WHERE best.item_id <> ALL(p_items) ORDER BY best.place
    )
    WHERE t.best_ids && p_items;
    -- Which items have these as neighbours, no index knows.
    PERFORM set_config('enable_seqscan', 'on', true);
    UPDATE interestream.item_neighbors AS t SET
        neighbor_ids = ARRAY(
            SELECT pairs.item_id FROM unnest(t.neighbor_ids) WITH ORDINALITY AS pairs (item_id, place)
            WHERE pairs.item_id <> ALL(p_items) ORDER BY pairs.place
        ),
        strengths = ARRAY(
            SELECT pairs.strength
            FROM unnest(t.neighbor_ids, t.strengths) WITH ORDINALITY AS pairs (item_id, strength, place)
            WHERE pairs.item_id <> ALL(p_items) ORDER BY pairs.place
        )
    WHERE CASE
        WHEN cardinality(p_items) <= c_few THEN t.neighbor_ids && p_items
        ELSE EXISTS (SELECT FROM unnest(t.neighbor_ids) AS own (item_id) WHERE own.item_id = ANY(p_items))
    END;
    RETURN v_total;
END;
$$;

COMMENT ON FUNCTION interestream.delete_items IS
'Deletes items for good, in all spaces: their titles and texts, vectors, neighbours, places in trends, broken records, and their mention as neighbours of others. Returns the number of rows that went. What users did with them and were shown of them stays in user_items, shown_items and in their windows. A running job drops what it knows of them within about a second, and leaves out what comes of them later. Error: null_value_not_allowed.';

GRANT EXECUTE ON FUNCTION interestream.delete_items TO interestream_writer, interestream_admin;
