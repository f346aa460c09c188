CREATE OR REPLACE FUNCTION interestream.check_batch(p_before timestamptz, p_limit integer) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    IF p_before IS NULL OR p_limit IS NULL THEN
        RAISE EXCEPTION 'a time and a number of rows are needed' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    IF p_limit < 1 THEN
        RAISE EXCEPTION 'a batch of % rows', p_limit
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give 1 or more.';
    END IF;
END;
$$;

COMMENT ON FUNCTION interestream.check_batch IS
'Refuses a batch without a time (null_value_not_allowed), and one of fewer than one row (invalid_parameter_value).';

GRANT EXECUTE ON FUNCTION interestream.check_batch TO interestream_admin;
