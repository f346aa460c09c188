CREATE OR REPLACE FUNCTION interestream.walk_budget(p_space integer, p_categories text[]) RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
SET enable_seqscan = off
AS $$
DECLARE
    c_longest constant integer := 20000;
    v_all double precision;  -- vectors in the space, from the size of its partition
    v_few double precision;
    v_matching double precision;
BEGIN
    SELECT pg_relation_size(c.oid) / (s.dim * 2.0 + 64.0) INTO v_all
    FROM interestream.spaces AS s
    JOIN pg_catalog.pg_class AS c
        ON c.relname = 'item_vectors_' || s.space_id AND c.relnamespace = 'interestream'::regnamespace
    WHERE s.space_id = p_space;
    -- Comparing a share f of n items takes 5 us each; the index walks past 30 / f others to find 30,
    -- 10 us each. Both cost the same where n * f = sqrt(60 n).
    v_few := greatest(1000.0, sqrt(60.0 * v_all));
    IF v_all <= v_few THEN
        RETURN 0;
    END IF;
    IF p_categories IS NULL THEN
        RETURN c_longest;
    END IF;
    -- The planner's statistics know the common categories; the others are soon counted.
    SELECT sum(e.frequency) * v_all INTO v_matching
    FROM pg_catalog.pg_stats AS t,
        unnest(t.most_common_elems::text::text[], t.most_common_elem_freqs) AS e (category, frequency)
    WHERE t.schemaname = 'interestream' AND t.tablename = 'items' AND t.attname = 'categories'
        AND e.category = ANY(p_categories);
    IF v_matching IS NULL THEN
        SELECT count(*) INTO v_matching
        FROM (
            SELECT FROM interestream.items AS i
            WHERE i.categories && p_categories AND i.available
            LIMIT 2 * c_longest
        ) AS few;
    END IF;
    -- A category can lie far from the query, and no walk finds it: half of what comparing all its
    -- items would cost is as much as a walk is worth.
    RETURN CASE WHEN v_matching <= v_few THEN 0 ELSE least(v_matching / 2, c_longest) END;
END;
$$;

COMMENT ON FUNCTION interestream.walk_budget IS
'How many items the HNSW index of a space should at most walk past to find some of p_categories (null: any at all) before comparing all that match is the better deal; 0 where it is from the start.';

GRANT EXECUTE ON FUNCTION interestream.walk_budget TO interestream_reader, interestream_writer, interestream_admin;
