CREATE OR REPLACE FUNCTION interestream.user_drift(p_user text, p_space integer DEFAULT NULL)
RETURNS TABLE (moved real, since timestamptz, until timestamptz, from_titles text[], to_titles text[], words text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1
SET search_path FROM CURRENT
AS $$
DECLARE
    c_titles constant integer := 3;      -- of each side
    c_hardly constant real := 0.1;       -- what has moved by less has hardly moved
    v_space integer := interestream.chosen_space(p_space);
    v_model integer;
    v_now interestream.user_windows;
    v_before interestream.user_windows;
BEGIN
    IF p_user IS NULL THEN
        RAISE EXCEPTION 'user_drift() needs a user' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    SELECT own.model INTO v_model FROM interestream.sequence_users(v_space, ARRAY[p_user]) AS own;
    SELECT w.* INTO v_now FROM interestream.user_windows AS w
    WHERE w.space_id = v_model AND w.user_id = p_user AND w.kind = 'sequence';
    SELECT w.* INTO v_before FROM interestream.user_windows AS w
    WHERE w.space_id = v_model AND w.user_id = p_user AND w.kind = 'sequence_before';
    IF v_now.embedding IS NULL OR v_before.embedding IS NULL THEN
        RETURN;
    END IF;
    moved := 1 + (v_now.embedding <#> v_before.embedding);
    since := v_before.as_of;
    until := v_now.as_of;
    SELECT
        array_agg(i.title ORDER BY found.similarity DESC, found.item_id) FILTER (WHERE found.query = 1),
        array_agg(i.title ORDER BY found.similarity DESC, found.item_id) FILTER (WHERE found.query = 2)
    INTO from_titles, to_titles
    FROM interestream.nearest_items(v_model, ARRAY[v_before.embedding, v_now.embedding], c_titles) AS found
    JOIN interestream.items AS i ON i.item_id = found.item_id;
    words := CASE WHEN moved < c_hardly THEN
        'The interest has hardly moved since ' || to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD') || ' ('
        || round(moved::numeric, 2) || ').'
    ELSE
        'The interest has moved by ' || round(moved::numeric, 2) || ' since '
        || to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD')
        || coalesce(', from what is near "' || array_to_string(from_titles, '", "') || '"', '')
        || coalesce(' to what is near "' || array_to_string(to_titles, '", "') || '"', '') || '.'
    END;
    RETURN NEXT;
END;
$$;

COMMENT ON FUNCTION interestream.user_drift IS
'How far what a sequence model has learned of a user has moved since the end of the week before the newest interaction''s, or of an earlier one: moved, 1 minus the cosine of the two vectors (0 not at all, 1 to something unrelated, 2 to the opposite); since and until, the times of the last interactions of each; titles near each; and a sentence. Weeks begin on Mondays, in UTC of event time. No row for a user without a vector of an earlier week. Errors: null_value_not_allowed, undefined_object.';

GRANT EXECUTE ON FUNCTION interestream.user_drift TO interestream_reader, interestream_admin;
