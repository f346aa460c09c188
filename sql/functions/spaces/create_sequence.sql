CREATE OR REPLACE FUNCTION interestream.create_sequence(
    p_of integer,
    p_bundle_name text,
    p_bundle_version text,
    p_bundle_sha256 text,
    p_dim integer,
    p_scale real,
    p_trained_until timestamptz
) RETURNS integer
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    v_space integer;
BEGIN
    IF p_of IS NULL OR p_bundle_name IS NULL OR p_bundle_version IS NULL OR p_bundle_sha256 IS NULL
        OR p_dim IS NULL OR p_scale IS NULL OR p_trained_until IS NULL THEN
        RAISE EXCEPTION 'a sequence model needs a space, a bundle name, version and sha256, a dimension, a scale and a time'
            USING ERRCODE = 'null_value_not_allowed';
    END IF;
    IF p_dim NOT BETWEEN 1 AND 4000 OR NOT p_scale > 0 THEN
        RAISE EXCEPTION 'dimension % or scale % is out of range', p_dim, p_scale
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'An HNSW index on halfvec takes 1 to 4,000 dimensions; a scale is above 0.';
    END IF;
    LOCK TABLE interestream.spaces IN SHARE ROW EXCLUSIVE MODE;
    PERFORM interestream.space_dim(p_of);
    IF (SELECT s.of_space IS NOT NULL FROM interestream.spaces AS s WHERE s.space_id = p_of) THEN
        RAISE EXCEPTION 'space % is a sequence model itself', p_of
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Name the space whose vectors it reads.';
    END IF;
    SELECT s.space_id INTO v_space
    FROM interestream.spaces AS s
    WHERE s.of_space = p_of AND s.bundle_sha256 = p_bundle_sha256
    ORDER BY s.space_id
    LIMIT 1;
    IF FOUND THEN
        RETURN v_space;
    END IF;
    INSERT INTO interestream.spaces (
        bundle_name, bundle_version, bundle_sha256, dim, mean, of_space, serving, scale, trained_until
    )
    VALUES (
        p_bundle_name, p_bundle_version, p_bundle_sha256, p_dim, array_fill(0::real, ARRAY[p_dim]), p_of, false,
        p_scale, p_trained_until
    )
    RETURNING space_id INTO v_space;
    PERFORM interestream.create_vectors(v_space, p_dim);
    RETURN v_space;
END;
$$;

COMMENT ON FUNCTION interestream.create_sequence IS
'Makes the space of a sequence model, of the space p_of, and a partition of item_vectors without an index: index_space() builds it, and serve_sequence() lets recommend() use the model. p_scale and p_trained_until as in spaces. Returns the space id; that of the existing one when p_of has a model of the same bundle_sha256. Errors: undefined_object, invalid_parameter_value, null_value_not_allowed.';

GRANT EXECUTE ON FUNCTION interestream.create_sequence TO interestream_admin;
