CREATE OR REPLACE FUNCTION interestream.walk_budget(
    p_space integer, p_filter interestream.item_filter
) RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
SET jit = off
SET enable_seqscan = off
SET max_parallel_workers_per_gather = 0
AS $$
DECLARE
    c_longest constant integer := 20000;
    c_pages constant integer := 40;  -- of the sample
    c_enough constant integer := 20; -- matches in the sample that make a share of it
    v_all double precision := interestream.space_size(p_space);
    v_few double precision;
    v_sampled bigint;
    v_hits bigint;
    v_matching double precision;
BEGIN
    -- Comparing a share f of n items takes 2.5 us each; the index walks past 200 / f others for what
    -- a recommendation searches, 25 us each. Both cost the same where n * f = sqrt(2000 n).
    v_few := greatest(1000.0, sqrt(2000.0 * v_all));
    IF v_all <= v_few THEN
        RETURN 0;
    END IF;
    IF p_filter IS NULL THEN
        RETURN c_longest;
    END IF;
    -- Some pages say how common the filter is, all its parts together and without statistics; the
    -- same pages each time, so that the same question takes the same way.
    EXECUTE $q$
        SELECT count(*), count(*) FILTER (WHERE interestream.passes_filter(i, $1))
        FROM interestream.items AS i TABLESAMPLE SYSTEM (
            least(100.0, 100.0 * $2 * 8192 / greatest(pg_relation_size('interestream.items'), 8192))
        ) REPEATABLE (0)
    $q$ INTO v_sampled, v_hits USING p_filter, c_pages;
    IF v_hits >= c_enough THEN
        v_matching := v_all * v_hits / v_sampled;
    ELSE
        EXECUTE $q$
            SELECT count(*)
            FROM (SELECT FROM interestream.items AS i WHERE interestream.passes_filter(i, $1) LIMIT $2) AS few
        $q$ INTO v_matching USING p_filter, 2 * c_longest;
    END IF;
    -- What matches can lie far from the query, and no walk finds it: half of what comparing it all
    -- would cost is as much as a walk is worth.
    RETURN CASE WHEN v_matching <= v_few THEN 0 ELSE least(v_matching / 2, c_longest) END;
END;
$$;

COMMENT ON FUNCTION interestream.walk_budget IS
'How many items the HNSW index of a space should at most walk past to find some that pass p_filter (null: any at all) before comparing all that pass is the better deal; 0 where it is from the start. A sample of pages says how common they are, rare ones are counted.';

GRANT EXECUTE ON FUNCTION interestream.walk_budget TO interestream_reader, interestream_admin;
