CREATE OR REPLACE FUNCTION interestream.index_space(p_space integer) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    v_dim integer := interestream.space_dim(p_space);
BEGIN
    -- All vectors of the partition have one dimension, but the type of the column does not say which. The cast
    -- gives the index its dimension, and a query repeats the cast to use the index.
    EXECUTE format(
        'CREATE INDEX IF NOT EXISTS %I ON interestream.%I'
        ' USING hnsw ((embedding::halfvec(%s)) halfvec_ip_ops) WITH (m = 12, ef_construction = 128)',
        'item_vectors_' || p_space || '_hnsw', 'item_vectors_' || p_space, v_dim
    );
END;
$$;

COMMENT ON FUNCTION interestream.index_space IS
'Builds the HNSW index of a space that was created without one; nothing happens where there is one. Building it over stored vectors takes about a tenth of the time of inserting them one by one; the space takes no writes meanwhile. Error undefined_object when there is no such space.';

GRANT EXECUTE ON FUNCTION interestream.index_space TO interestream_admin;
