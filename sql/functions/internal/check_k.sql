CREATE OR REPLACE FUNCTION interestream.check_k(p_k integer) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    IF p_k IS NULL OR p_k NOT BETWEEN 1 AND 1000 THEN
        RAISE EXCEPTION '% rows cannot be asked for', coalesce(p_k::text, 'null')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'p_k is 1 to 1000.';
    END IF;
END;
$$;

COMMENT ON FUNCTION interestream.check_k IS
'Error invalid_parameter_value unless p_k, a number of rows, is 1 to 1000.';

GRANT EXECUTE ON FUNCTION interestream.check_k TO interestream_reader, interestream_admin;
