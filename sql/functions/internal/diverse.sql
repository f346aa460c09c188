CREATE OR REPLACE FUNCTION interestream.diverse(
    p_vectors halfvec[],
    p_scores real[],
    p_k integer,
    p_diversity double precision,
    p_ranks integer
) RETURNS integer[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    v_n integer := cardinality(p_scores);
    v_shared double precision [] := array_fill(0::double precision, ARRAY[v_n]);  -- largest cosine with a compared pick
    v_values double precision [];  -- upper bounds: comparing with more picks only lowers them
    v_compared integer[] := array_fill(0, ARRAY[v_n]);  -- with how many picks a candidate was compared
    v_value double precision;
    v_best double precision;
    v_pick integer;
    v_picks integer[] := '{}';
BEGIN
    IF p_diversity > 0 THEN
        v_values := ARRAY(SELECT (1 - p_diversity) * s.score FROM unnest(p_scores) AS s (score));
        FOR i IN 0..least(p_k, p_ranks, v_n) - 1 LOOP
            v_best := '-infinity';
            v_pick := NULL;
            FOR j IN 1..v_n LOOP
                -- Scores fall, and what is shared takes off at least nothing: no further one can be better.
                EXIT WHEN (1 - p_diversity) * p_scores[j] < v_best;
                CONTINUE WHEN v_values[j] <= v_best;
                IF v_compared[j] < i THEN
                    FOR p IN v_compared[j] + 1..i LOOP
                        v_shared[j] := greatest(v_shared[j], -(p_vectors[j] <#> p_vectors[v_picks[p]]));
                    END LOOP;
                    v_compared[j] := i;
                    v_value := (1 - p_diversity) * p_scores[j] - p_diversity * v_shared[j];
                    v_values[j] := v_value;
                    CONTINUE WHEN v_value <= v_best;
                END IF;
                v_best := v_values[j];
                v_pick := j;
            END LOOP;
            v_picks := v_picks || v_pick;
            v_values[v_pick] := '-infinity';
        END LOOP;
    END IF;
    RETURN v_picks || ARRAY(
        SELECT t.place
        FROM generate_series(1, v_n) AS t (place)
        WHERE t.place <> ALL(v_picks)
        ORDER BY t.place
        LIMIT p_k - cardinality(v_picks)
    );
END;
$$;

COMMENT ON FUNCTION interestream.diverse IS
'Positions (from 1) of p_k of the candidates, whose unit vectors and scores come best score first: greedy maximal marginal relevance, (1 - p_diversity) * score - p_diversity * largest cosine with those picked before (at least 0), for the first p_ranks places; the rest by score.';

GRANT EXECUTE ON FUNCTION interestream.diverse TO interestream_reader, interestream_admin;
