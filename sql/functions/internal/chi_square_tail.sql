CREATE OR REPLACE FUNCTION interestream.chi_square_tail(p_statistic double precision, p_freedom integer)
RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    v_a double precision := p_freedom / 2.0;
    v_x double precision := p_statistic / 2.0;
    v_gamma double precision := CASE WHEN p_freedom % 2 = 0 THEN 1 ELSE sqrt(pi()) END;  -- of a, in the end
    v_term double precision;
    v_sum double precision;
BEGIN
    IF v_x > 300 THEN
        RETURN 0;
    END IF;
    IF v_x <= 0 THEN
        RETURN 1;
    END IF;
    FOR i IN 1..(p_freedom - 1) / 2 LOOP
        v_gamma := v_gamma * (v_a - i);
    END LOOP;
    -- The lower incomplete gamma function as a series (Abramowitz and Stegun, 6.5.29), whose terms are all positive.
    v_term := 1 / v_a;
    v_sum := v_term;
    FOR n IN 1..10000 LOOP
        v_term := v_term * v_x / (v_a + n);
        v_sum := v_sum + v_term;
        EXIT WHEN v_term < v_sum * 1e-17;
    END LOOP;
    RETURN greatest(1 - v_sum * exp(-v_x + v_a * ln(v_x)) / v_gamma, 0);
END;
$$;

COMMENT ON FUNCTION interestream.chi_square_tail IS
'The chance that a chi-square variable of p_freedom degrees of freedom is above p_statistic, to about 1e-15; Postgres has no function for it.';

GRANT EXECUTE ON FUNCTION interestream.chi_square_tail TO interestream_reader, interestream_admin;
