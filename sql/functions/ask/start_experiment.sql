CREATE OR REPLACE FUNCTION interestream.start_experiment(
    p_experiment text,
    p_variants jsonb,
    p_kind text DEFAULT 'split',
    p_expected_lift double precision DEFAULT 0.1,
    p_description text DEFAULT NULL
) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    c_most constant integer := 6;  -- variants
    v_now timestamptz := clock_timestamp();
    v_count integer;
    v_running text;
BEGIN
    IF p_experiment IS NULL OR p_experiment !~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$' THEN
        RAISE EXCEPTION 'experiment % cannot be used as a name', coalesce(p_experiment, 'null')
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'A name has up to 40 letters, digits, dots, dashes and underscores.';
    END IF;
    IF p_kind IS NULL OR p_kind NOT IN ('split', 'interleaving') THEN
        RAISE EXCEPTION 'kind % cannot be used', coalesce(p_kind, 'null')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'p_kind is split or interleaving.';
    END IF;
    IF p_expected_lift IS NULL OR NOT (p_expected_lift > 0 AND p_expected_lift <= 1) THEN
        RAISE EXCEPTION 'expected lift % cannot be used', coalesce(p_expected_lift::text, 'null')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'p_expected_lift is above 0 and at most 1 (100 %).';
    END IF;
    IF jsonb_typeof(p_variants) IS DISTINCT FROM 'array' THEN
        RAISE EXCEPTION 'variants are not given as an array'
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Like [{"variant": "plain", "share": 0.5}, {"variant": "bold", "share": 0.5, "diversity": 0.6}]; the first is the control.';
    END IF;
    v_count := jsonb_array_length(p_variants);
    IF v_count NOT BETWEEN 2 AND c_most OR (p_kind = 'interleaving' AND v_count <> 2) THEN
        RAISE EXCEPTION '% variants cannot be compared', v_count
            USING ERRCODE = 'invalid_parameter_value', HINT = 'An experiment has 2 to 6 variants; interleaving takes 2.';
    END IF;
    -- Before the checks, so that drop_space() waits with a space that a variant has.
    LOCK TABLE interestream.experiments IN SHARE ROW EXCLUSIVE MODE;
    PERFORM interestream.check_variant(own.variant) FROM jsonb_array_elements(p_variants) AS own (variant);
    IF (SELECT count(DISTINCT own.variant ->> 'variant') FROM jsonb_array_elements(p_variants) AS own (variant)) < v_count THEN
        RAISE EXCEPTION 'two variants have one name' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT e.experiment INTO v_running FROM interestream.experiments AS e WHERE e.ended_at IS NULL;
    IF FOUND THEN
        RAISE EXCEPTION 'experiment % is running', v_running
            USING ERRCODE = 'object_in_use',
            HINT = 'One runs at a time: end it first, by `interestream experiment end` or SELECT interestream.end_experiment().';
    END IF;
    IF EXISTS (SELECT FROM interestream.experiments AS e WHERE e.experiment = p_experiment) THEN
        RAISE EXCEPTION 'there was an experiment % already', p_experiment
            USING ERRCODE = 'duplicate_object',
            HINT = 'Take another name: the same one would give each user the same place again.';
    END IF;
    INSERT INTO interestream.experiments (experiment, kind, expected_lift, description, started_at)
    VALUES (p_experiment, p_kind, p_expected_lift, p_description, v_now);
    INSERT INTO interestream.experiment_variants
    (experiment, variant, number, places, diversity, explore, space_id, weights)
    SELECT
        p_experiment, own.variant ->> 'variant', own.number, '{}', (own.variant ->> 'diversity')::double precision,
        (own.variant ->> 'explore')::double precision, (own.variant ->> 'space')::integer, own.variant -> 'weights'
    FROM jsonb_array_elements(p_variants) WITH ORDINALITY AS own (variant, number);
    PERFORM interestream.set_shares(
        (
            SELECT jsonb_object_agg(own.variant ->> 'variant', own.variant -> 'share')
            FROM jsonb_array_elements(p_variants) AS own (variant)
        )
    );
    UPDATE interestream.experiment_shares SET since = v_now WHERE experiment = p_experiment;
    RETURN v_now;
END;
$$;

COMMENT ON FUNCTION interestream.start_experiment IS
'Starts an experiment and returns when: from now on recommend() and recommend_many() give each user the variant of user_variant(). p_variants: an array of objects with the keys variant (a name), share (0 to 1, together at most 1; who is left gets no variant) and what the variant changes: diversity, explore, space, weights (by segment and source, instead of those in source_weights). The first one is the control. p_kind: split, or interleaving, where each user gets both of two variants in one list. p_expected_lift: the lift (0.1 is 10 %) for which experiment_report() needs the least data. Errors: invalid_parameter_value, undefined_object for a space, object_in_use while another one runs, duplicate_object for a name that was used.';

GRANT EXECUTE ON FUNCTION interestream.start_experiment TO interestream_admin;
