CREATE OR REPLACE FUNCTION interestream.nearest_items(
    p_space integer,
    p_vectors halfvec[],
    p_limit integer,
    p_user text DEFAULT NULL,
    p_categories text[] DEFAULT NULL,
    p_walk integer DEFAULT NULL,
    p_ef_search integer DEFAULT 200,
    p_complete boolean DEFAULT true
) RETURNS TABLE (item_id text, embedding halfvec, similarity real)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
-- The index yields neighbours one by one for as long as the joins below throw them out. No other
-- plan may read and sort a whole partition, whatever the statistics say, or do not say yet.
SET hnsw.iterative_scan = relaxed_order -- noqa: PRS
SET hnsw.max_scan_tuples = 20000
SET hnsw.scan_mem_multiplier = 4
SET hnsw.ef_search = 200
SET jit = off
SET enable_sort = off
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET max_parallel_workers_per_gather = 0
AS $$
DECLARE
    v_dim integer := interestream.space_dim(p_space);
    v_mask bigint := interestream.seen_mask();
    v_walk integer := coalesce(p_walk, interestream.walk_budget(p_space, p_categories));
    v_ids text[];
    v_embeddings halfvec[];
    v_similarities double precision [];
BEGIN
    IF v_walk > 0 THEN
        PERFORM set_config('hnsw.ef_search', p_ef_search::text, true);
        PERFORM set_config('hnsw.max_scan_tuples', v_walk::text, true);
        -- Only integers are spliced: with the dimension and the space in its text, the planner sees
        -- one partition and its expression index.
        EXECUTE format($q$
            SELECT array_agg(f.item_id), array_agg(f.embedding), array_agg(f.similarity)
            FROM unnest($1) AS q (embedding)
            CROSS JOIN LATERAL (
                SELECT v.item_id, v.embedding, -(v.embedding <#> q.embedding) AS similarity
                FROM interestream.item_vectors AS v
                JOIN interestream.items AS i ON i.item_id = v.item_id
                WHERE v.space_id = %2$s
                    AND i.available AND ($3 IS NULL OR i.categories && $3)
                    AND NOT EXISTS (
                        SELECT FROM interestream.user_items AS u
                        WHERE u.user_id = $4 AND u.item_id = v.item_id
                            AND (u.actions & $5 <> 0 OR u.signal < 0)
                    )
                ORDER BY v.embedding::halfvec(%1$s) <#> q.embedding::halfvec(%1$s)
                LIMIT $2
            ) AS f
        $q$, v_dim, p_space)
        INTO v_ids, v_embeddings, v_similarities
        USING p_vectors, p_limit, p_categories, p_user, v_mask;
    END IF;
    IF (v_walk = 0 OR p_complete)
        AND coalesce(cardinality(v_ids), 0) < p_limit * cardinality(p_vectors) THEN
        -- Few items to compare, or the walk ended before it had found enough.
        EXECUTE format($q$
            WITH allowed AS (
                SELECT i.item_id FROM interestream.items AS i
                WHERE i.available AND ($3 IS NULL OR i.categories && $3)
                EXCEPT
                SELECT u.item_id FROM interestream.user_items AS u
                WHERE u.user_id = $4 AND (u.actions & $5 <> 0 OR u.signal < 0)
            )

            SELECT array_agg(f.item_id), array_agg(f.embedding), array_agg(f.similarity)
            FROM unnest($1) AS q (embedding)
            CROSS JOIN LATERAL (
                SELECT v.item_id, v.embedding, -(v.embedding <#> q.embedding) AS similarity
                FROM interestream.item_vectors AS v
                WHERE v.space_id = %s AND v.item_id = ANY(ARRAY(TABLE allowed))
                ORDER BY 3 DESC, v.item_id
                LIMIT $2
            ) AS f
        $q$, p_space)
        INTO v_ids, v_embeddings, v_similarities
        USING p_vectors, p_limit, p_categories, p_user, v_mask;
    END IF;
    RETURN QUERY
    SELECT n.item_id, n.embedding, n.similarity::real
    FROM unnest(v_ids, v_embeddings, v_similarities) AS n (item_id, embedding, similarity)
    ORDER BY n.similarity DESC, n.item_id;
END;
$$;

COMMENT ON FUNCTION interestream.nearest_items IS
'For each of p_vectors (vectors of the space) the p_limit nearest available items, all of them most similar first: similarity is the inner product, for unit vectors the cosine. p_user leaves out what that user has seen or disliked; p_categories keeps items with at least one of them. p_walk: about how many items the HNSW index may walk past, 0 compares all items, null asks walk_budget(). p_ef_search: width of the walk. p_complete: whether all items are compared where the walk found too few; without, fewer rows may come.';

GRANT EXECUTE ON FUNCTION interestream.nearest_items TO interestream_reader, interestream_writer, interestream_admin;
