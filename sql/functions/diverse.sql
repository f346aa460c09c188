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
    v_left integer[] := ARRAY(SELECT generate_series(1, v_n));
    v_shared real[] := array_fill(0::real, ARRAY[v_n]);  -- largest cosine with a picked one
    v_picks integer[] := '{}';
    v_pick integer;
BEGIN
    IF p_diversity > 0 THEN
        FOR i IN 1..least(p_k, p_ranks, v_n) LOOP
            IF i > 1 THEN
                v_shared := ARRAY(
                    SELECT greatest(t.shared, -(t.embedding <#> p_vectors[v_pick]))::real
                    FROM unnest(v_shared, p_vectors) AS t (shared, embedding)
                );
            END IF;
            SELECT t.place INTO v_pick
            FROM unnest(p_scores, v_shared) WITH ORDINALITY AS t (score, shared, place)
            WHERE t.place <> ALL(v_picks)
            ORDER BY (1 - p_diversity) * t.score - p_diversity * t.shared DESC, t.place
            LIMIT 1;
            v_picks := v_picks || v_pick;
        END LOOP;
    END IF;
    RETURN v_picks || ARRAY(
        SELECT t.place
        FROM unnest(v_left) AS t (place)
        WHERE t.place <> ALL(v_picks)
        ORDER BY t.place
        LIMIT p_k - cardinality(v_picks)
    );
END;
$$;

COMMENT ON FUNCTION interestream.diverse IS
'Positions (from 1) of p_k of the candidates, whose unit vectors and scores come best score first: greedy maximal marginal relevance, (1 - p_diversity) * score - p_diversity * largest cosine with those picked before, for the first p_ranks places; the rest by score.';

GRANT EXECUTE ON FUNCTION interestream.diverse TO interestream_reader, interestream_writer, interestream_admin;
