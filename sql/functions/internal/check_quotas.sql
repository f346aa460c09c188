CREATE OR REPLACE FUNCTION interestream.check_quotas(p_quotas jsonb, p_k integer) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    v_type text;
    v_quota jsonb;
    v_sum numeric := 0;
BEGIN
    IF jsonb_typeof(p_quotas) <> 'object' THEN
        RAISE EXCEPTION 'quotas cannot be a JSON %', jsonb_typeof(p_quotas)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give an object, {"course": 2, "article": 1}.';
    END IF;
    FOR v_type, v_quota IN SELECT each.key, each.value FROM jsonb_each(p_quotas) AS each LOOP
        IF jsonb_typeof(v_quota) <> 'number' OR v_quota::text !~ '^\d{1,4}$' THEN
            RAISE EXCEPTION 'the quota of % is no number of items: %', v_type, v_quota
                USING ERRCODE = 'invalid_parameter_value', HINT = 'Give a whole number from 0.';
        END IF;
        v_sum := v_sum + v_quota::numeric;
    END LOOP;
    IF v_sum > p_k THEN
        RAISE EXCEPTION 'quotas of % items do not fit into % rows', v_sum, p_k
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Ask for more rows, or lower the quotas.';
    END IF;
END;
$$;

COMMENT ON FUNCTION interestream.check_quotas IS
'Error invalid_parameter_value unless p_quotas (may be null) names types of items with numbers of items that fit into p_k rows together.';

GRANT EXECUTE ON FUNCTION interestream.check_quotas TO interestream_reader, interestream_admin;
