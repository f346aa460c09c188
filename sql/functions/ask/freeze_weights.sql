CREATE OR REPLACE FUNCTION interestream.freeze_weights(
    p_frozen boolean DEFAULT true, p_space integer DEFAULT NULL
) RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    v_space integer := interestream.chosen_space(p_space);
BEGIN
    IF p_frozen IS NULL THEN
        RAISE EXCEPTION 'say whether weights are frozen' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    IF p_frozen THEN
        INSERT INTO interestream.frozen_weights (space_id) VALUES (v_space) ON CONFLICT DO NOTHING;
        RETURN FOUND;
    END IF;
    DELETE FROM interestream.frozen_weights AS known WHERE known.space_id = v_space;
    RETURN FOUND;
END;
$$;

COMMENT ON FUNCTION interestream.freeze_weights IS
'Keeps the weights of recommend() as they are, learned ones included, or lets the job learn on with p_frozen => false. Returns whether that changed anything. Errors: null_value_not_allowed, undefined_object.';

GRANT EXECUTE ON FUNCTION interestream.freeze_weights TO interestream_admin;
