CREATE OR REPLACE FUNCTION interestream.space_dim(p_space integer) RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    v_dim integer;
BEGIN
    SELECT s.dim INTO v_dim FROM interestream.spaces AS s WHERE s.space_id = p_space;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no embedding space %', coalesce(p_space::text, 'null')
            USING ERRCODE = 'undefined_object',
            HINT = 'SELECT space_id, bundle_name, bundle_version, active FROM interestream.spaces';
    END IF;
    RETURN v_dim;
END;
$$;

COMMENT ON FUNCTION interestream.space_dim IS
'Number of dimensions of a space. Error undefined_object when there is no such space.';

GRANT EXECUTE ON FUNCTION interestream.space_dim TO interestream_reader, interestream_writer, interestream_admin;
