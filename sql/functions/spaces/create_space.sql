CREATE OR REPLACE FUNCTION interestream.create_space(
    p_bundle_name text,
    p_bundle_version text,
    p_bundle_sha256 text,
    p_dim integer,
    p_mean real[],
    p_index boolean DEFAULT true
) RETURNS integer
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    v_space integer;
BEGIN
    IF p_bundle_name IS NULL OR p_bundle_version IS NULL OR p_bundle_sha256 IS NULL
        OR p_dim IS NULL OR p_mean IS NULL THEN
        RAISE EXCEPTION 'a space needs a bundle name, version and sha256, a dimension and a mean'
            USING ERRCODE = 'null_value_not_allowed';
    END IF;
    IF p_dim NOT BETWEEN 1 AND 4000 THEN
        RAISE EXCEPTION 'dimension % is out of range', p_dim
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'An HNSW index on halfvec takes 1 to 4,000 dimensions.';
    END IF;
    IF cardinality(p_mean) <> p_dim OR array_position(p_mean, NULL) IS NOT NULL THEN
        RAISE EXCEPTION 'the mean has % numbers, the space % dimensions', cardinality(p_mean), p_dim
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Give the catalogue''s mean vector, or zeros, without nulls.';
    END IF;
    -- The lock keeps two calls at once from making the same space twice.
    LOCK TABLE interestream.spaces IN SHARE ROW EXCLUSIVE MODE;
    SELECT s.space_id INTO v_space
    FROM interestream.spaces AS s
    WHERE s.bundle_sha256 = p_bundle_sha256 AND s.mean = p_mean AND s.of_space IS NULL
    ORDER BY s.space_id
    LIMIT 1;
    IF FOUND THEN
        RETURN v_space;
    END IF;
    INSERT INTO interestream.spaces (bundle_name, bundle_version, bundle_sha256, dim, mean, active)
    SELECT
        p_bundle_name, p_bundle_version, p_bundle_sha256, p_dim, p_mean,
        NOT EXISTS (SELECT 1 FROM interestream.spaces AS a WHERE a.active)
    RETURNING space_id INTO v_space;
    INSERT INTO interestream.space_activations (space_id)
    SELECT s.space_id FROM interestream.spaces AS s WHERE s.space_id = v_space AND s.active;
    PERFORM interestream.create_vectors(v_space, p_dim);
    IF p_index THEN
        PERFORM interestream.index_space(v_space);
    END IF;
    RETURN v_space;
END;
$$;

COMMENT ON FUNCTION interestream.create_space IS
'Makes an embedding space and what stores it: its row, a partition of item_vectors and the HNSW index on it (inner product of unit vectors). p_mean: the mean vector of the catalogue, which is subtracted from every vector, p_dim numbers. p_index false leaves the index to a later index_space(). The first space becomes the active one. Returns the space id; that of the existing space when one has the same bundle_sha256 and mean. Readers and writers of other spaces do not wait for it.';

GRANT EXECUTE ON FUNCTION interestream.create_space TO interestream_admin;
