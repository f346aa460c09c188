-- Writes the rows of a user who does not exist, asks recommend() about that user, and takes all of it back, so that it
-- is recommend() itself that answers. What it takes back never was there for anybody else, and locks no row of a user.
CREATE OR REPLACE FUNCTION interestream.recommend_if(
    p_user text,
    p_item text,
    p_actions bigint,
    p_signal real,
    p_at timestamptz,
    p_kinds text[],
    p_vectors halfvec[],
    p_weights real[],
    p_interest_items text[],
    p_interest_weights real[],
    p_interest_sizes integer[],
    p_k integer DEFAULT 10,
    p_categories text[] DEFAULT NULL,
    p_space integer DEFAULT NULL,
    p_diversity double precision DEFAULT NULL,
    p_explore double precision DEFAULT NULL
) RETURNS TABLE (
    rank integer,
    item_id text,
    title text,
    categories text[],
    score real,
    reason text,
    source text,
    source_item_id text,
    source_title text,
    nearest_liked_item_id text,
    nearest_liked_title text,
    parts jsonb
)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
-- The reader may write no row, and this one leaves none behind.
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    c_tries constant integer := 1000;
    v_user text;     -- nobody's id
    v_variant text[] := ARRAY(SELECT v::text FROM interestream.user_variant(p_user) AS v);
    v_space integer := interestream.chosen_space(p_space);
    v_rows jsonb;
BEGIN
    IF p_user IS NULL OR p_item IS NULL OR p_at IS NULL THEN
        RAISE EXCEPTION 'recommend_if() needs a user, an item and a time' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    -- An id that has the variant of p_user in the experiment that runs, if one does.
    FOR i IN 1..c_tries LOOP
        v_user := 'what if ' || gen_random_uuid();
        EXIT WHEN ARRAY(SELECT v::text FROM interestream.user_variant(v_user) AS v) = v_variant;
    END LOOP;
    BEGIN
        INSERT INTO interestream.user_items AS t
            (user_id, item_id, actions, first_at, last_at, signal, signal_at, signal_key)
        SELECT v_user, u.item_id, u.actions, u.first_at, u.last_at, u.signal, u.signal_at, u.signal_key
        FROM interestream.user_items AS u
        WHERE u.user_id = p_user;
        INSERT INTO interestream.user_items AS t
            (user_id, item_id, actions, first_at, last_at, signal, signal_at, signal_key)
        VALUES (
            v_user, p_item, p_actions, p_at, p_at, p_signal,
            CASE WHEN p_signal IS NOT NULL THEN p_at END,
            -- The last of its moment.
            CASE WHEN p_signal IS NOT NULL THEN 9223372036854775807 END
        )
        ON CONFLICT ON CONSTRAINT user_items_pkey DO UPDATE SET
        actions = t.actions | excluded.actions,
        last_at = greatest(t.last_at, excluded.last_at),
        signal = coalesce(excluded.signal, t.signal),
        signal_at = coalesce(excluded.signal_at, t.signal_at),
        signal_key = coalesce(excluded.signal_key, t.signal_key);
        INSERT INTO interestream.shown_items (user_id, item_id, shown_at)
        SELECT v_user, s.item_id, s.shown_at FROM interestream.shown_items AS s WHERE s.user_id = p_user;
        INSERT INTO interestream.user_windows (space_id, user_id, kind, embedding, weight, as_of, epoch, version)
        SELECT v_space, v_user, own.kind, own.embedding, own.weight, p_at, 0, 0
        FROM unnest(p_kinds, p_vectors, p_weights) AS own (kind, embedding, weight);
        INSERT INTO interestream.users
            (space_id, user_id, events, last_event_at, interest_items, interest_weights, interest_sizes, epoch, version)
        VALUES (v_space, v_user, 1, p_at, p_interest_items, p_interest_weights, p_interest_sizes, 0, 0);
        SELECT jsonb_agg(to_jsonb(r) ORDER BY r.rank) INTO v_rows
        FROM interestream.recommend(
            v_user, p_k, p_categories, v_space, p_diversity, p_explore => p_explore
        ) AS r;
        RAISE EXCEPTION 'taken back' USING ERRCODE = 'IF001';
    EXCEPTION
        WHEN SQLSTATE 'IF001' THEN NULL;
    END;
    RETURN QUERY
    SELECT
        r.rank, r.item_id, r.title, r.categories, r.score, r.reason, r.source, r.source_item_id, r.source_title,
        r.nearest_liked_item_id, r.nearest_liked_title, r.parts
    FROM jsonb_to_recordset(coalesce(v_rows, '[]')) AS r (
        rank integer, item_id text, title text, categories text[], score real, reason text, source text,
        source_item_id text, source_title text, nearest_liked_item_id text, nearest_liked_title text, parts jsonb
    )
    ORDER BY r.rank;
END;
$$;

COMMENT ON FUNCTION interestream.recommend_if IS
'What recommend() would say if p_user had also done something with p_item at p_at: p_actions are the bits of the actions, p_signal the signed weight (null: none). The caller computes what the user''s rows become: p_kinds, p_vectors and p_weights are all windows, p_interest_* the interests, strongest first. It leaves no row behind, and needs a transaction that may write: not on a standby. Columns and further arguments: see recommend(). Errors: null_value_not_allowed, invalid_parameter_value, undefined_object.';

GRANT EXECUTE ON FUNCTION interestream.recommend_if TO interestream_reader, interestream_admin;
