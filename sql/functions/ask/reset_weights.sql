CREATE OR REPLACE FUNCTION interestream.reset_weights(p_space integer DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    v_space integer := interestream.chosen_space(p_space);
    v_rows integer;
BEGIN
    DELETE FROM interestream.learned_weights AS known WHERE known.space_id = v_space;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    DELETE FROM interestream.learning AS known WHERE known.space_id = v_space;
    RETURN v_rows;
END;
$$;

COMMENT ON FUNCTION interestream.reset_weights IS
'Forgets what was learned of the space: the weights of recommend() are those of source_weights again, and learning begins anew. Returns the number of learned weights that were deleted. Errors: undefined_object.';

GRANT EXECUTE ON FUNCTION interestream.reset_weights TO interestream_admin;
