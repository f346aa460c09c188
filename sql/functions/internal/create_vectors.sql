CREATE OR REPLACE FUNCTION interestream.create_vectors(p_space integer, p_dim integer) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
BEGIN
    -- The partition is created as a table and then attached. CREATE TABLE ... PARTITION OF would lock out every
    -- reader of vectors, of any space, until the caller's transaction ends.
    EXECUTE format(
        'CREATE TABLE interestream.%I'
        ' (LIKE interestream.item_vectors INCLUDING ALL, CHECK (vector_dims(embedding) = %s))',
        'item_vectors_' || p_space, p_dim
    );
    EXECUTE format(
        'ALTER TABLE interestream.item_vectors ATTACH PARTITION interestream.%I FOR VALUES IN (%s)',
        'item_vectors_' || p_space, p_space
    );
END;
$$;

COMMENT ON FUNCTION interestream.create_vectors IS
'Makes the partition of item_vectors for a space that has none. All arguments are taken as checked.';

GRANT EXECUTE ON FUNCTION interestream.create_vectors TO interestream_admin;
