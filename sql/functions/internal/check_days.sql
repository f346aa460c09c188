CREATE OR REPLACE FUNCTION interestream.check_days(p_days integer) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    IF p_days IS NULL OR p_days NOT BETWEEN 1 AND 400 THEN
        RAISE EXCEPTION '% days are no length of a history', coalesce(p_days::text, 'null')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'p_days is 1 to 400.';
    END IF;
END;
$$;

COMMENT ON FUNCTION interestream.check_days IS
'Error invalid_parameter_value unless p_days, the length of a history of topics, is 1 to 400.';

GRANT EXECUTE ON FUNCTION interestream.check_days TO interestream_reader, interestream_admin;
