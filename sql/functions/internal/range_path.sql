CREATE OR REPLACE FUNCTION interestream.range_path(p_ranges jsonb) RETURNS jsonpath
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    c_operators constant jsonb := '{"min": ">=", "above": ">", "max": "<=", "below": "<"}';
    v_name text;
    v_bounds jsonb;
    v_bound text;
    v_value jsonb;
    v_low numeric;
    v_high numeric;
    v_parts text[];
    v_path text[] := '{}';
BEGIN
    IF jsonb_typeof(p_ranges) <> 'object' THEN
        RAISE EXCEPTION 'ranges cannot be a JSON %', jsonb_typeof(p_ranges)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give an object, {"price": {"min": 5, "below": 20}}.';
    END IF;
    FOR v_name, v_bounds IN SELECT each.key, each.value FROM jsonb_each(p_ranges) AS each LOOP
        IF jsonb_typeof(v_bounds) <> 'object' OR v_bounds = '{}' THEN
            RAISE EXCEPTION 'the range of % has no bounds', v_name
                USING ERRCODE = 'invalid_parameter_value', HINT = 'Give some of min, above, max and below.';
        END IF;
        v_parts := '{}';
        FOR v_bound, v_value IN SELECT each.key, each.value FROM jsonb_each(v_bounds) AS each LOOP
            IF NOT c_operators ? v_bound THEN
                RAISE EXCEPTION 'the range of % cannot have %', v_name, v_bound
                    USING ERRCODE = 'invalid_parameter_value', HINT = 'Its bounds are min, above, max and below.';
            END IF;
            IF jsonb_typeof(v_value) <> 'number' THEN
                RAISE EXCEPTION '% of the range of % is no number', v_bound, v_name
                    USING ERRCODE = 'invalid_parameter_value', HINT = 'Give a JSON number.';
            END IF;
            v_parts := v_parts || format('@ %s %s', c_operators ->> v_bound, v_value);
        END LOOP;
        v_low := greatest((v_bounds ->> 'min')::numeric, (v_bounds ->> 'above')::numeric);
        v_high := least((v_bounds ->> 'max')::numeric, (v_bounds ->> 'below')::numeric);
        IF v_low > v_high OR v_low = v_high AND (
            v_low = (v_bounds ->> 'above')::numeric OR v_high = (v_bounds ->> 'below')::numeric
        ) THEN
            RAISE EXCEPTION 'no number is in the range of %: %', v_name, v_bounds
                USING ERRCODE = 'invalid_parameter_value', HINT = 'The lower bound must lie below the upper one.';
        END IF;
        -- to_jsonb() quotes the name as jsonpath wants it; a path ignores what is no number.
        v_path := v_path || format('exists($.%s ? (%s))', to_jsonb(v_name), array_to_string(v_parts, ' && '));
    END LOOP;
    RETURN nullif(array_to_string(v_path, ' && '), '')::jsonpath;
END;
$$;

COMMENT ON FUNCTION interestream.range_path IS
'The test of attributes for ranges of numbers, {"price": {"min": 5, "below": 20}}: each named attribute is a number, or a list with a number, within all of its bounds (min and max include the bound, above and below do not). Null for no ranges. Error invalid_parameter_value for what is no such object, and for a range that no number is in.';

GRANT EXECUTE ON FUNCTION interestream.range_path TO interestream_reader, interestream_admin;
