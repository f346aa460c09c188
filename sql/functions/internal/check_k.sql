CREATE OR REPLACE FUNCTION interestream.check_k(p_k integer, p_name text DEFAULT 'p_k') RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    IF p_k IS NULL OR p_k NOT BETWEEN 1 AND 1000 THEN
        RAISE EXCEPTION '% rows cannot be asked for', coalesce(p_k::text, 'null')
            USING ERRCODE = 'invalid_parameter_value', HINT = format('%s is 1 to 1000.', p_name);
    END IF;
END;
$$;

COMMENT ON FUNCTION interestream.check_k IS
'Error invalid_parameter_value unless p_k, a number of rows, is 1 to 1000; the hint names the parameter p_name.';

GRANT EXECUTE ON FUNCTION interestream.check_k TO interestream_reader, interestream_admin;
