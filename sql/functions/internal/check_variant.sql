CREATE OR REPLACE FUNCTION interestream.check_variant(p_variant jsonb) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    c_keys constant text[] := '{variant,share,diversity,explore,space,weights}';
    v_name text := p_variant ->> 'variant';
    v_key text;
    v_value jsonb;
    v_weight record;
BEGIN
    IF jsonb_typeof(p_variant) IS DISTINCT FROM 'object' OR jsonb_typeof(p_variant -> 'variant') IS DISTINCT FROM 'string'
        OR v_name !~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,22}$'
    THEN
        RAISE EXCEPTION 'a variant has no name that can be used: %', coalesce(p_variant::text, 'null')
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'A variant is an object like {"variant": "bold", "share": 0.5, "diversity": 0.6}; its name has up to 23 letters, digits, dots, dashes and underscores.';
    END IF;
    FOR v_key, v_value IN SELECT own.key, own.value FROM jsonb_each(p_variant) AS own LOOP
        IF v_key <> ALL(c_keys) THEN
            RAISE EXCEPTION 'variant % has a field that is not known: %', v_name, v_key
                USING ERRCODE = 'invalid_parameter_value', HINT = 'Fields are ' || array_to_string(c_keys, ', ') || '.';
        END IF;
        IF v_key IN ('share', 'diversity', 'explore') AND (
            jsonb_typeof(v_value) <> 'number' OR v_value::numeric NOT BETWEEN 0 AND 1
        ) THEN
            RAISE EXCEPTION '% % of variant % cannot be used', v_key, v_value, v_name
                USING ERRCODE = 'invalid_parameter_value', HINT = 'It is a number from 0 to 1.';
        END IF;
    END LOOP;
    IF NOT p_variant ? 'share' THEN
        RAISE EXCEPTION 'variant % has no share', v_name
            USING ERRCODE = 'invalid_parameter_value', HINT = 'share is 0 to 1; what the shares leave gets no variant.';
    END IF;
    IF p_variant ? 'space' THEN
        IF coalesce(p_variant ->> 'space', '') !~ '^[0-9]{1,9}$' THEN
            RAISE EXCEPTION 'space % of variant % cannot be used', p_variant -> 'space', v_name
                USING ERRCODE = 'invalid_parameter_value', HINT = 'It is the number of an embedding space.';
        END IF;
        PERFORM interestream.space_dim((p_variant ->> 'space')::integer);
    END IF;
    IF p_variant ? 'weights' THEN
        IF jsonb_typeof(p_variant -> 'weights') <> 'object' OR EXISTS (
            SELECT FROM jsonb_each(p_variant -> 'weights') AS own WHERE jsonb_typeof(own.value) <> 'object'
        ) THEN
            RAISE EXCEPTION 'weights of variant % cannot be used', v_name
                USING ERRCODE = 'invalid_parameter_value',
                HINT = 'They are objects by segment, such as {"few": {"text": 4}, "many": {"text": 3}}.';
        END IF;
        FOR v_weight IN
            SELECT segments.key AS segment, own.key AS source, own.value
            FROM jsonb_each(p_variant -> 'weights') AS segments
            CROSS JOIN LATERAL jsonb_each(segments.value) AS own
        LOOP
            IF NOT EXISTS (
                SELECT FROM interestream.source_weights AS known
                WHERE known.segment = v_weight.segment AND known.source = v_weight.source
            ) THEN
                RAISE EXCEPTION 'variant % weighs what there is not: % of segment %',
                    v_name, v_weight.source, v_weight.segment
                    USING ERRCODE = 'invalid_parameter_value',
                    HINT = 'SELECT segment, source FROM interestream.source_weights';
            END IF;
            IF jsonb_typeof(v_weight.value) <> 'number' OR v_weight.value::numeric NOT BETWEEN -20 AND 20 THEN
                RAISE EXCEPTION 'weight % of variant % cannot be used', v_weight.value, v_name
                    USING ERRCODE = 'invalid_parameter_value', HINT = 'It is a number from -20 to 20.';
            END IF;
        END LOOP;
    END IF;
END;
$$;

COMMENT ON FUNCTION interestream.check_variant IS
'Error invalid_parameter_value, or undefined_object for a space, unless p_variant says what start_experiment() reads.';

GRANT EXECUTE ON FUNCTION interestream.check_variant TO interestream_admin;
