CREATE OR REPLACE FUNCTION interestream.is_rare(p_space integer, p_categories text[]) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
SET enable_seqscan = off
AS $$
DECLARE
    v_rows double precision;  -- vectors in the space, from the size of its partition
    v_few double precision;
    v_share double precision;
BEGIN
    SELECT pg_relation_size(c.oid) / (s.dim * 2.0 + 64.0) INTO v_rows
    FROM interestream.spaces AS s
    JOIN pg_catalog.pg_class AS c
        ON c.relname = 'item_vectors_' || s.space_id AND c.relnamespace = 'interestream'::regnamespace
    WHERE s.space_id = p_space;
    -- A share f of n items is read exactly in n * f * 7 us; the index walks past 12 us * 50 / f to
    -- find 50 of them. Both cost the same where n * f = sqrt(85 n).
    v_few := greatest(1000.0, sqrt(85.0 * v_rows));
    IF v_rows <= v_few THEN
        RETURN true;
    END IF;
    IF p_categories IS NULL THEN
        RETURN false;
    END IF;
    -- What the planner knows of common categories saves the count.
    SELECT sum(e.frequency) INTO v_share
    FROM pg_catalog.pg_stats AS t,
        unnest(t.most_common_elems::text::text[], t.most_common_elem_freqs) AS e (category, frequency)
    WHERE t.schemaname = 'interestream' AND t.tablename = 'items' AND t.attname = 'categories'
        AND e.category = ANY(p_categories);
    IF v_share * v_rows > v_few THEN
        RETURN false;
    END IF;
    RETURN (
        SELECT count(*) <= v_few
        FROM (
            SELECT FROM interestream.items AS i
            WHERE i.categories && p_categories AND i.available
            LIMIT ceil(v_few)::bigint + 1
        ) AS few
    );
END;
$$;

COMMENT ON FUNCTION interestream.is_rare IS
'Whether so few items of a space have one of p_categories (null: any at all) that comparing them all is faster than walking the HNSW index past the others.';

GRANT EXECUTE ON FUNCTION interestream.is_rare TO interestream_reader, interestream_writer, interestream_admin;
