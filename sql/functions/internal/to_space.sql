CREATE OR REPLACE FUNCTION interestream.to_space(p_encoded real[], p_space integer) RETURNS halfvec
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    v_mean vector;
    v_direction vector;
    v_dim integer := interestream.space_dim(p_space);
BEGIN
    IF p_encoded IS NULL OR cardinality(p_encoded) <> v_dim THEN
        RAISE EXCEPTION 'the vector has % numbers, space % has % dimensions',
            coalesce(cardinality(p_encoded)::text, 'no'), p_space, v_dim
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Encode the text with the bundle that interestream.spaces names for this space.';
    END IF;
    SELECT s.mean::vector INTO v_mean FROM interestream.spaces AS s WHERE s.space_id = p_space;
    v_direction := p_encoded::vector - v_mean;
    -- Without its mean a vector of zeros would point somewhere, to what nobody asked for.
    IF vector_norm(p_encoded::vector) = 0 OR vector_norm(v_direction) = 0 THEN
        RAISE EXCEPTION 'the vector has no direction: it is zero, or the mean of space %', p_space
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Give what the encoder gives for a text with words.';
    END IF;
    RETURN l2_normalize(v_direction)::halfvec;
END;
$$;

COMMENT ON FUNCTION interestream.to_space IS
'A vector of the space out of what the encoder gave: unit(p_encoded - spaces.mean), rounded to float16. Errors: invalid_parameter_value when the number of dimensions differs or the vector is zero, undefined_object.';

GRANT EXECUTE ON FUNCTION interestream.to_space TO interestream_reader, interestream_admin;
