-- The candidates that searches by text find, for several users at once.
CREATE OR REPLACE FUNCTION interestream.text_candidates(
    p_space integer,
    p_users text[],
    p_blends halfvec[],
    p_medoids halfvec[],
    p_dislikes halfvec[],
    p_confidences real[],
    p_pool integer,
    p_filter interestream.item_filter DEFAULT NULL,
    p_exclude text[] DEFAULT NULL
) RETURNS TABLE (user_number integer, item_id text, embedding halfvec)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
SET search_path FROM CURRENT
-- Look-ups by key, whatever the statistics say: see candidates().
SET plan_cache_mode = force_generic_plan
SET work_mem = '64MB'
SET jit = off
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET max_parallel_workers_per_gather = 0
AS $$
DECLARE
    c_interests constant integer := 3;                   -- entries of p_medoids for each user
    c_same_search constant real := 0.97;                 -- cosine above which two searches find the same
    c_strayed_share constant numeric := 0.1;             -- a search strayed if fewer results belong to its medoid ...
    c_strayed_cosine constant double precision := 0.9;   -- ... and no result is this near, of the medoid's cosine
    v_dim integer[] := ARRAY[interestream.space_dim(p_space)];
    v_scan_limit integer := interestream.walk_budget(p_space, p_filter);
    v_blend_weight real;
    v_interest_weight real;
    v_dislike_weight real;
    -- One entry for each search.
    v_search_vectors halfvec[];
    v_search_users integer[];                            -- number of the user in p_users
    v_search_medoids integer[];                          -- index of its interest in p_medoids
    v_strayed integer[];                                 -- numbers of the searches that strayed
    -- One entry for each result of a search.
    v_found_by integer[];                                -- number of the search
    v_found_ids text[];
    v_found_vectors halfvec[];
    v_ef_search integer := least(
        -- The scan is wide enough that seen items among the nearest seldom call for a second one. The graph of a
        -- larger catalogue needs a wider scan to find as much: three quarters as wide again for each tenfold beyond
        -- 100,000 items.
        (p_pool + 40) * (1 + log(greatest(interestream.space_size(p_space) / 100000, 1)) * 0.75), 1000
    );
BEGIN
    SELECT
        coalesce(max(weights.weight) FILTER (WHERE weights.part = 'blend'), 0),
        coalesce(max(weights.weight) FILTER (WHERE weights.part = 'interest'), 0),
        coalesce(max(weights.weight) FILTER (WHERE weights.part = 'dislike'), 0)
    INTO v_blend_weight, v_interest_weight, v_dislike_weight
    FROM interestream.score_weights AS weights;

    -- Each interest has a search of its own, in the direction in which the score rises. Interests lie apart, so one
    -- search between them would end in the region of one.
    WITH directions AS MATERIALIZED (
        SELECT users.number AS user_number, interests.number AS interest, l2_normalize(
            users.blend::vector * array_fill(v_blend_weight, v_dim)::vector
            + coalesce(p_medoids[c_interests * (users.number - 1) + interests.number], users.blend)::vector
            * array_fill(v_interest_weight, v_dim)::vector
            -- Dislikes pull half as hard here, since the score gains nothing from the opposite of what is disliked.
            - coalesce(users.dislikes, users.blend)::vector
            * array_fill(coalesce(v_dislike_weight * users.confidence / 2, 0), v_dim)::vector
        ) AS embedding
        FROM unnest(p_blends, p_dislikes, p_confidences)
            WITH ORDINALITY AS users (blend, dislikes, confidence, number)
        CROSS JOIN generate_series(1, c_interests) AS interests (number)
        -- The first search stands for the blend, too, so a user without interests has it.
        WHERE users.blend IS NOT NULL AND (
            interests.number = 1 OR p_medoids[c_interests * (users.number - 1) + interests.number] IS NOT NULL
        )
    )

    SELECT
        array_agg(kept.embedding::halfvec ORDER BY kept.user_number, kept.interest),
        array_agg(kept.user_number ORDER BY kept.user_number, kept.interest),
        array_agg(c_interests * (kept.user_number - 1) + kept.interest ORDER BY kept.user_number, kept.interest)
    INTO v_search_vectors, v_search_users, v_search_medoids
    FROM directions AS kept
    WHERE NOT EXISTS (
        SELECT FROM directions AS earlier
        WHERE earlier.user_number = kept.user_number AND earlier.interest < kept.interest
            AND -(earlier.embedding <#> kept.embedding) > c_same_search
    );

    SELECT array_agg(found.query), array_agg(found.item_id), array_agg(found.embedding)
    INTO v_found_by, v_found_ids, v_found_vectors
    FROM interestream.nearest_items(
        p_space, v_search_vectors, p_pool,
        ARRAY(SELECT p_users[searches.user_number] FROM unnest(v_search_users) AS searches (user_number)),
        p_filter, p_exclude, v_scan_limit, v_ef_search
    ) AS found;

    -- A search lies between interests, so its scan may end in the region of another one. It has strayed if its
    -- medoid is clearly nearer to it than every result, and hardly any result is nearest to this medoid among the
    -- user's. A scan to halfway between search and medoid ends in the right region.
    SELECT array_agg(searches.number) INTO v_strayed
    FROM unnest(v_search_vectors, v_search_users, v_search_medoids)
        WITH ORDINALITY AS searches (embedding, user_number, medoid, number)
    CROSS JOIN LATERAL (
        SELECT
            max(-(results.embedding <#> searches.embedding)) AS nearest,
            avg((
                results.embedding <#> p_medoids[searches.medoid] <= least(
                    results.embedding <#> p_medoids[c_interests * (searches.user_number - 1) + 1],
                    results.embedding <#> p_medoids[c_interests * (searches.user_number - 1) + 2],
                    results.embedding <#> p_medoids[c_interests * (searches.user_number - 1) + 3]
                )
            )::integer) AS share
        FROM unnest(v_found_by, v_found_vectors) AS results (search, embedding)
        WHERE results.search = searches.number
    ) AS found
    WHERE v_scan_limit > 0
        AND found.share < c_strayed_share
        AND found.nearest < -(searches.embedding <#> p_medoids[searches.medoid]) * c_strayed_cosine;
    IF v_strayed IS NOT NULL THEN
        WITH again AS MATERIALIZED (
            SELECT v_strayed[found.query] AS search, found.item_id, found.embedding
            FROM interestream.nearest_items(
                p_space,
                ARRAY(
                    SELECT l2_normalize(
                        v_search_vectors[strayed.search] + p_medoids[v_search_medoids[strayed.search]]
                    )
                    FROM unnest(v_strayed) AS strayed (search)
                ),
                p_pool,
                ARRAY(SELECT p_users[v_search_users[strayed.search]] FROM unnest(v_strayed) AS strayed (search)),
                p_filter, p_exclude, v_scan_limit, v_ef_search, p_complete => false
            ) AS found
        )

        SELECT array_agg(found.search), array_agg(found.item_id), array_agg(found.embedding)
        INTO v_found_by, v_found_ids, v_found_vectors
        FROM (
            SELECT again.search, again.item_id, again.embedding FROM again
            UNION ALL
            -- The results of a strayed search lie near another interest, whose own search has them already. They
            -- stay if the second search is short, since there may be nothing else.
            SELECT results.search, results.item_id, results.embedding
            FROM unnest(v_found_by, v_found_ids, v_found_vectors) AS results (search, item_id, embedding)
            WHERE results.search NOT IN (SELECT again.search FROM again GROUP BY again.search HAVING count(*) = p_pool)
        ) AS found;
    END IF;

    RETURN QUERY
    SELECT v_search_users[results.search], results.item_id, results.embedding
    FROM unnest(v_found_by, v_found_ids, v_found_vectors) AS results (search, item_id, embedding);
END;
$$;

COMMENT ON FUNCTION interestream.text_candidates IS
'The p_pool nearest items of each search by text, without those that the user has seen or disliked, or whose group the user has; one found by two searches comes twice. Arrays have an entry for each of p_users, in their order, and p_medoids three for each, those of the strongest interests, NULL where there are fewer. A user without a blend has no search. All arguments are taken as checked.';

GRANT EXECUTE ON FUNCTION interestream.text_candidates TO interestream_reader, interestream_writer, interestream_admin;
