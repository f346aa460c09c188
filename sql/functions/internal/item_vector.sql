CREATE OR REPLACE FUNCTION interestream.item_vector(p_item text, p_space integer) RETURNS halfvec
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    v_embedding halfvec;
BEGIN
    SELECT v.embedding INTO v_embedding
    FROM interestream.item_vectors AS v
    WHERE v.space_id = p_space AND v.item_id = p_item;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'item % has no vector in space %', coalesce(quote_literal(p_item), 'null'), p_space
            USING ERRCODE = 'no_data_found',
            HINT = 'The item is unknown, or the job has not encoded it yet.';
    END IF;
    RETURN v_embedding;
END;
$$;

COMMENT ON FUNCTION interestream.item_vector IS
'The vector of an item in a space. Error no_data_found when it has none.';

GRANT EXECUTE ON FUNCTION interestream.item_vector TO interestream_reader, interestream_admin;
