CREATE OR REPLACE FUNCTION interestream.item_vector(p_item text, p_space integer) RETURNS halfvec
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    v_embedding halfvec;
BEGIN
    IF p_item IS NULL THEN
        RAISE EXCEPTION 'an item is needed' USING ERRCODE = 'null_value_not_allowed',
            HINT = 'Give the item_id of an item in interestream.items.';
    END IF;
    SELECT v.embedding INTO v_embedding
    FROM interestream.item_vectors AS v
    WHERE v.space_id = p_space AND v.item_id = p_item;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'item % has no vector in space %', quote_literal(p_item), p_space
            USING ERRCODE = 'no_data_found',
            HINT = 'The item is unknown, or the job has not encoded it yet.';
    END IF;
    RETURN v_embedding;
END;
$$;

COMMENT ON FUNCTION interestream.item_vector IS
'The vector of an item in a space. Errors: no_data_found when it has none, null_value_not_allowed.';

GRANT EXECUTE ON FUNCTION interestream.item_vector TO interestream_reader, interestream_admin;
