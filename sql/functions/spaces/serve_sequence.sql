CREATE OR REPLACE FUNCTION interestream.serve_sequence(p_model integer, p_serving boolean DEFAULT true) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
BEGIN
    UPDATE interestream.spaces SET serving = p_serving WHERE space_id = p_model AND of_space IS NOT NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no sequence model %', coalesce(p_model::text, 'null')
            USING ERRCODE = 'undefined_object',
            HINT = 'SELECT space_id, bundle_version, serving FROM interestream.spaces WHERE of_space IS NOT NULL';
    END IF;
END;
$$;

COMMENT ON FUNCTION interestream.serve_sequence IS
'Lets recommend() use the vectors of a sequence model, or no longer (p_serving false). Of the models of a space that serve, the newest one that has a vector of the user is used; the job writes vectors of users for the newest one. To go back to the model before, let the newest one serve no longer: the job notices within seconds. Error undefined_object when there is no such model.';

GRANT EXECUTE ON FUNCTION interestream.serve_sequence TO interestream_admin;
