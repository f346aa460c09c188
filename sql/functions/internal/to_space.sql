CREATE OR REPLACE FUNCTION interestream.to_space(p_encoded real[], p_space integer) RETURNS halfvec
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    v_mean vector;
    v_dim integer := interestream.space_dim(p_space);
BEGIN
    IF p_encoded IS NULL OR cardinality(p_encoded) <> v_dim THEN
        RAISE EXCEPTION 'the vector has % numbers, space % has % dimensions',
            coalesce(cardinality(p_encoded)::text, 'no'), p_space, v_dim
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Encode the text with the bundle that interestream.spaces names for this space.';
    END IF;
    SELECT s.mean::vector INTO v_mean FROM interestream.spaces AS s WHERE s.space_id = p_space;
    RETURN l2_normalize(p_encoded::vector - v_mean)::halfvec;
END;
$$;

COMMENT ON FUNCTION interestream.to_space IS
'A vector of the space out of what the encoder gave: unit(p_encoded - spaces.mean), rounded to float16. Errors: invalid_parameter_value when the number of dimensions differs, undefined_object.';

GRANT EXECUTE ON FUNCTION interestream.to_space TO interestream_reader, interestream_admin;
