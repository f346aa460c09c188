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
    c_longest constant integer := 20000;  -- the largest scan limit, pgvector's default
    c_pages constant integer := 40;       -- pages of interestream.items in the sample
    c_enough constant integer := 20;      -- passing items in the sample from which their share is estimated
    v_all double precision := interestream.space_size(p_space);
    v_few double precision;               -- up to so many passing items, comparing them all is cheaper
    v_sampled bigint;
    v_hits bigint;
    v_matching double precision;          -- items that pass the filter
BEGIN
    -- Comparing the share f of n items that passes the filter takes 2.5 us for each. An index scan visits 200 / f
    -- items before it has found what a recommendation needs, at 25 us each. Both take the same time where
    -- n * f = sqrt(2000 n).
    v_few := greatest(1000.0, sqrt(2000.0 * v_all));
    IF v_all <= v_few THEN
        RETURN 0;
    END IF;
    IF p_filter IS NULL THEN
        RETURN c_longest;
    END IF;
    -- A sample of pages gives the share of items that pass all parts of the filter together, which statistics of
    -- single columns cannot. REPEATABLE takes the same pages each time, so that a query repeats its plan.
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
    -- Passing items can lie so far from the query that no scan reaches them. Such a scan ends after half as many
    -- items as comparing all passing ones would read.
    RETURN CASE WHEN v_matching <= v_few THEN 0 ELSE least(v_matching / 2, c_longest) END;
END;
$$;

COMMENT ON FUNCTION interestream.walk_budget IS
'The scan limit of a query: how many items an iterative HNSW scan of the space may visit (hnsw.max_scan_tuples) while it looks for some that pass p_filter (null: any item); 0 where comparing all items that pass is cheaper than any scan. A sample of pages estimates how many pass; rare ones are counted.';

GRANT EXECUTE ON FUNCTION interestream.walk_budget TO interestream_reader, interestream_writer, interestream_admin;
