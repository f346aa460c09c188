CREATE OR REPLACE FUNCTION interestream.set_shares(p_shares jsonb) RETURNS double precision
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    c_places constant integer := 10000;
    v_now timestamptz := clock_timestamp();
    v_experiment text;
    v_variants text[];
    v_held int4multirange[];
    v_shares double precision[];
    v_places int4multirange[];
    v_unknown text;
BEGIN
    LOCK TABLE interestream.experiments IN SHARE ROW EXCLUSIVE MODE;
    SELECT e.experiment INTO v_experiment FROM interestream.experiments AS e WHERE e.ended_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no experiment is running'
            USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Start one, by `interestream experiment start` or SELECT interestream.start_experiment(...).';
    END IF;
    IF jsonb_typeof(p_shares) IS DISTINCT FROM 'object' OR EXISTS (
        SELECT FROM jsonb_each(p_shares) AS own
        WHERE jsonb_typeof(own.value) <> 'number' OR own.value::numeric NOT BETWEEN 0 AND 1
    ) THEN
        RAISE EXCEPTION 'shares % cannot be used', coalesce(p_shares::text, 'null')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Like {"plain": 0.2, "bold": 0.2}, each from 0 to 1.';
    END IF;
    SELECT own.key INTO v_unknown
    FROM jsonb_object_keys(p_shares) AS own (key)
    WHERE NOT EXISTS (
        SELECT FROM interestream.experiment_variants AS known
        WHERE known.experiment = v_experiment AND known.variant = own.key
    );
    IF FOUND THEN
        RAISE EXCEPTION 'experiment % has no variant %', v_experiment, v_unknown
            USING ERRCODE = 'undefined_object',
            HINT = '`interestream experiment report` names its variants, as does SELECT variant FROM interestream.experiment_variants.';
    END IF;
    SELECT
        array_agg(known.variant ORDER BY known.number),
        array_agg(known.places ORDER BY known.number),
        array_agg(
            coalesce((p_shares ->> known.variant)::double precision, held.count / c_places::double precision)
            ORDER BY known.number
        )
    INTO v_variants, v_held, v_shares
    FROM interestream.experiment_variants AS known
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(upper(own.places) - lower(own.places)), 0) AS count FROM unnest(known.places) AS own (places)
    ) AS held
    WHERE known.experiment = v_experiment;
    IF (SELECT sum(round(own.share * c_places)) FROM unnest(v_shares) AS own (share)) > c_places THEN
        RAISE EXCEPTION 'the shares add up to more than 1: %', v_shares
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Give the shares of all variants that change in one call; the others keep theirs.';
    END IF;
    v_places := interestream.shared_places(v_held, v_shares);
    UPDATE interestream.experiment_variants AS known SET places = own.places
    FROM unnest(v_variants, v_places) AS own (variant, places)
    WHERE known.experiment = v_experiment AND known.variant = own.variant;
    INSERT INTO interestream.experiment_shares (experiment, since, variant, share, places)
    SELECT v_experiment, v_now, own.variant, round(own.share * c_places) / c_places, own.places
    FROM unnest(v_variants, v_shares, v_places) AS own (variant, share, places);
    RETURN (SELECT sum(round(own.share * c_places)) / c_places FROM unnest(v_shares) AS own (share));
END;
$$;

COMMENT ON FUNCTION interestream.set_shares IS
'Changes the shares of the running experiment and returns their sum: p_shares has the new ones by variant, from 0 to 1, and the others stay. A share is kept to a ten-thousandth. Only users change their variant whose old one shrinks; the report compares users before and after apart. Errors: object_not_in_prerequisite_state when no experiment runs, undefined_object for a variant that it does not have, invalid_parameter_value.';

GRANT EXECUTE ON FUNCTION interestream.set_shares TO interestream_admin;
