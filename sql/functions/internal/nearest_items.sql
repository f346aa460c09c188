CREATE OR REPLACE FUNCTION interestream.nearest_items(
    p_space integer,
    p_vectors halfvec[],
    p_limit integer,
    p_users text[] DEFAULT NULL,
    p_filter interestream.item_filter DEFAULT NULL,
    p_exclude text[] DEFAULT NULL,
    p_walk integer DEFAULT NULL,
    p_ef_search integer DEFAULT 200,
    p_complete boolean DEFAULT true
) RETURNS TABLE (query integer, item_id text, embedding halfvec, similarity real)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
SET search_path FROM CURRENT
-- The index yields neighbours one by one until enough of them pass the joins below. Of a group (items.group_key) one
-- item passes, so that copies do not take the place of what lies behind them. The enable_* settings rule out
-- plans that read and sort a whole partition, which missing statistics would make look cheap.
SET hnsw.iterative_scan = relaxed_order -- noqa: PRS
SET hnsw.max_scan_tuples = 20000
SET hnsw.scan_mem_multiplier = 4
SET hnsw.ef_search = 200
SET work_mem = '64MB'
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
    v_repeats boolean := interestream.has_repeat_rules();
    v_scan_limit integer := coalesce(p_walk, interestream.walk_budget(p_space, p_filter));
    v_short integer[];  -- queries that do not have p_limit rows yet
    v_queries integer[];
    v_ids text[];
    v_embeddings halfvec[];
    v_similarities double precision [];
BEGIN
    SELECT array_agg(q.query) INTO v_short
    FROM unnest(p_vectors) WITH ORDINALITY AS q (embedding, query)
    WHERE q.embedding IS NOT NULL;
    IF v_scan_limit > 0 THEN
        PERFORM set_config('hnsw.ef_search', p_ef_search::text, true);
        PERFORM set_config('hnsw.max_scan_tuples', v_scan_limit::text, true);
        -- With the dimension and the space in the text, the planner sees one partition and its expression index.
        -- Only these two integers are put into the text.
        EXECUTE format($q$
            SELECT array_agg(q.query::integer), array_agg(f.item_id), array_agg(f.embedding), array_agg(f.similarity)
            FROM unnest($1, $2) WITH ORDINALITY AS q (embedding, user_id, query)
            CROSS JOIN LATERAL (
                SELECT v.item_id, v.embedding, -(v.embedding <#> q.embedding) AS similarity
                FROM interestream.item_vectors AS v
                JOIN interestream.items AS i ON i.item_id = v.item_id
                WHERE v.space_id = %2$s
                    AND interestream.passes_filter(i, $4)
                    AND ($5 IS NULL OR v.item_id <> ALL($5))
                    AND NOT EXISTS (
                        SELECT FROM interestream.user_items AS u
                        WHERE u.user_id = q.user_id AND u.item_id = v.item_id
                            AND interestream.counts_as_seen(u, $6, $7)
                    )
                    -- The planner takes CASE for true in half of the rows, whatever the statistics say.
                    AND CASE
                        WHEN i.representative IS NULL THEN true
                        WHEN CASE
                            WHEN $4 IS NULL THEN i.representative = i.item_id
                            ELSE interestream.first_of_group(i.item_id, i.group_key, $4)
                        END THEN NOT interestream.seen_in_group(i.group_key, q.user_id, $6, $7)
                        ELSE false
                    END
                ORDER BY v.embedding::halfvec(%1$s) <#> q.embedding::halfvec(%1$s)
                LIMIT $3
            ) AS f
            WHERE q.embedding IS NOT NULL
        $q$, v_dim, p_space)
        INTO v_queries, v_ids, v_embeddings, v_similarities
        USING p_vectors, p_users, p_limit, p_filter, p_exclude, v_mask, v_repeats;
        v_short := ARRAY(
            SELECT s.query
            FROM unnest(v_short) AS s (query)
            LEFT JOIN (
                SELECT f.query, count(*) AS rows FROM unnest(v_queries) AS f (query) GROUP BY f.query
            ) AS found ON found.query = s.query
            WHERE p_complete AND coalesce(found.rows, 0) < p_limit
        );
        RETURN QUERY
        SELECT n.query, n.item_id, n.embedding, n.similarity::real
        FROM unnest(v_queries, v_ids, v_embeddings, v_similarities) AS n (query, item_id, embedding, similarity)
        WHERE n.query <> ALL(v_short)
        ORDER BY n.query, n.similarity DESC, n.item_id;
    END IF;
    IF cardinality(v_short) > 0 THEN
        -- Few items pass the filter, or the scan ended before it had found enough: all that pass are compared, for
        -- all queries in one pass whose rows hold ids and numbers only. Seen items are left out after sorting, so
        -- as many more items are kept as the user has interacted with.
        RETURN QUERY EXECUTE format($q$
            WITH compared AS MATERIALIZED (
                SELECT v.item_id, ARRAY[%s] AS similarities
                FROM interestream.item_vectors AS v
                WHERE v.space_id = %s AND v.item_id = ANY(ARRAY(
                    SELECT i.item_id FROM interestream.items AS i
                    WHERE i.representative IS NULL
                        AND interestream.passes_filter(i, $3) AND ($4 IS NULL OR i.item_id <> ALL($4))
                    UNION ALL
                    SELECT min(i.item_id) FROM interestream.items AS i
                    WHERE i.representative IS NOT NULL
                        AND interestream.passes_filter(i, $3) AND ($4 IS NULL OR i.item_id <> ALL($4))
                    GROUP BY i.representative
                ))
            )

            SELECT q.query, v.item_id, v.embedding, n.similarity::real
            FROM unnest($6) WITH ORDINALITY AS q (query, place)
            CROSS JOIN LATERAL (
                SELECT b.item_id, b.similarity
                FROM (
                    SELECT c.item_id, c.similarities[q.place] AS similarity
                    FROM compared AS c
                    ORDER BY 2 DESC, c.item_id
                    LIMIT $2 + (SELECT count(*) FROM interestream.user_items AS u WHERE u.user_id = $1[q.query])
                ) AS b
                WHERE NOT EXISTS (
                    SELECT FROM interestream.user_items AS u
                    WHERE u.user_id = $1[q.query] AND u.item_id = b.item_id
                        AND interestream.counts_as_seen(u, $5, $8)
                )
                    AND NOT EXISTS (
                        SELECT FROM interestream.items AS i
                        WHERE i.item_id = b.item_id AND i.representative IS NOT NULL
                            AND interestream.seen_in_group(i.group_key, $1[q.query], $5, $8)
                    )
                ORDER BY b.similarity DESC, b.item_id
                LIMIT $2
            ) AS n
            JOIN interestream.item_vectors AS v ON v.space_id = %s AND v.item_id = n.item_id
            ORDER BY q.place, n.similarity DESC, n.item_id
        $q$, (
            SELECT string_agg(format('-(v.embedding <#> $7[%s])', s.query), ', ' ORDER BY s.place)
            FROM unnest(v_short) WITH ORDINALITY AS s (query, place)
        ), p_space, p_space)
        USING p_users, p_limit, p_filter, p_exclude, v_mask, v_short, p_vectors, v_repeats;
    END IF;
END;
$$;

COMMENT ON FUNCTION interestream.nearest_items IS
'For each of p_vectors (vectors of the space; query is its number from 1, a null has no rows) the p_limit nearest available items, most similar first, one of each group: similarity is the inner product, for unit vectors the cosine. p_users: one for each vector, leaves out what that user has seen or disliked, and all of its group; p_filter keeps what passes it; p_exclude leaves out those items. p_walk: how many items an HNSW scan may visit (hnsw.max_scan_tuples); 0 compares all items, null asks walk_budget(). p_ef_search: width of the scan (hnsw.ef_search). p_complete: whether all items are compared when the scan found too few; if false, a query may have fewer rows.';

GRANT EXECUTE ON FUNCTION interestream.nearest_items TO interestream_reader, interestream_writer, interestream_admin;
