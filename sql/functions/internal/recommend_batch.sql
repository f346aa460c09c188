-- Reads what is known of the users, searches the catalogue once for each of their interests (and again where a
-- search strayed), adds the neighbours of what they liked last and what is popular, scores all that was found, picks
-- p_k for each user, and gives the reason for each pick.
CREATE OR REPLACE FUNCTION interestream.recommend_batch(
    p_users text[],
    p_k integer,
    p_space integer,
    p_diversity double precision,
    p_filter interestream.item_filter,
    p_exclude text[]
) RETURNS TABLE (
    user_id text,
    rank integer,
    item_id text,
    title text,
    categories text[],
    score real,
    reason text,
    source text,
    source_item_id text,
    source_title text,
    nearest_liked_item_id text,
    nearest_liked_title text,
    parts jsonb
)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 50
SET search_path FROM CURRENT
-- Everything below is a few dozen look-ups by key, and these settings keep it so, whatever the statistics say. A
-- session plans each of these large statements once, perhaps while the tables are still empty; only LATERAL with
-- OFFSET 0 keeps a look-up apart from what else there is to join.
SET plan_cache_mode = force_generic_plan
SET work_mem = '64MB'
SET jit = off
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET max_parallel_workers_per_gather = 0
AS $$
DECLARE
    c_interests constant integer := 3;                   -- read of each user: the strongest
    c_medoid_share constant real := 0.1;                 -- an interest with a smaller share of the weight is not read
    c_dislikes_at_half constant integer := 3;            -- weight of a user's dislikes at which they count half
    c_same_search constant real := 0.97;                 -- cosine above which two searches find the same
    c_strayed_share constant numeric := 0.1;             -- a search strayed if fewer results belong to its medoid ...
    c_strayed_cosine constant double precision := 0.9;   -- ... and no result is this near, of the medoid's cosine
    c_few constant integer := 4;                         -- liked items up to which the segment of a user is few
    c_neighbors constant integer := 50;                  -- neighbours that are candidates
    c_known_neighbors constant integer := 100;           -- neighbours whose strength counts
    c_popular constant integer := 30;                    -- popular items of a horizon that are candidates
    c_popular_enough constant integer := 64;             -- interactions within a week that make popularity 1
    c_diverse_ranks constant integer := 50;              -- ranks beyond are filled by score alone
    v_scan_limit integer := interestream.walk_budget(p_space, p_filter);
    v_week_ago timestamptz := interestream.newest_interaction() - interval '7 days';
    v_dim integer[] := ARRAY[interestream.space_dim(p_space)];
    v_blend_weight real;
    v_interest_weight real;
    v_dislike_weight real;
    v_popularity_weight real;
    -- One entry for each user, in the order of p_users.
    v_blends halfvec[];
    v_dislikes halfvec[];
    v_confidences real[];                                -- 0 to 1: how much the dislikes count
    -- c_interests entries for each user: interest i of user u is at c_interests * (u - 1) + i.
    v_medoids text[];
    v_medoid_vectors halfvec[];
    -- One entry for each search.
    v_search_vectors halfvec[];
    v_search_users integer[];                            -- number of the user in p_users
    v_search_medoids integer[];                          -- index of its interest in v_medoids
    v_strayed integer[];                                 -- numbers of the searches that strayed
    -- One entry for each result of a search.
    v_found_by integer[];                                -- number of the search
    v_found_ids text[];
    v_found_vectors halfvec[];
    -- One entry for each neighbour of what a user liked last.
    v_neighbor_users integer[];                          -- number of the user in p_users
    v_neighbor_ids text[];
    v_neighbor_shares double precision [];               -- root of its share of the strongest, 0 to 1
    v_neighbor_sources text[];                           -- the liked item whose neighbour it is most
    v_neighbor_places integer[];                         -- its place among those of the user
    -- One entry for each user.
    v_segments text[];
    v_neighbor_weights double precision [];
    -- The horizons that count for each segment, and their factors.
    v_horizons_few text[];
    v_factors_few double precision [];
    v_horizons_many text[];
    v_factors_many double precision [];
    v_counted boolean;                                   -- whether any counts
    -- One entry for each popular item.
    v_popular_users integer[];
    v_popular_ids text[];
    v_pool integer := p_k + 20;                          -- results of each search
    v_ef_search integer := least(
        -- The scan is wide enough that seen items among the nearest seldom call for a second one. The graph of a
        -- larger catalogue needs a wider scan to find as much: three quarters as wide again for each tenfold beyond
        -- 100,000 items.
        (p_k + 60) * (1 + log(greatest(interestream.space_size(p_space) / 100000, 1)) * 0.75), 1000
    );
BEGIN
    SELECT
        coalesce(max(weights.weight) FILTER (WHERE weights.part = 'blend'), 0),
        coalesce(max(weights.weight) FILTER (WHERE weights.part = 'interest'), 0),
        coalesce(max(weights.weight) FILTER (WHERE weights.part = 'dislike'), 0),
        coalesce(max(weights.weight) FILTER (WHERE weights.part = 'popularity'), 0)
    INTO v_blend_weight, v_interest_weight, v_dislike_weight, v_popularity_weight
    FROM interestream.score_weights AS weights;

    -- What is known of the users: the medoids of their interests, the blend of their windows, their dislikes.
    SELECT
        array_agg(medoids.item_id ORDER BY users.number, interests.number),
        array_agg(medoids.embedding ORDER BY users.number, interests.number)
    INTO v_medoids, v_medoid_vectors
    FROM unnest(p_users) WITH ORDINALITY AS users (user_id, number)
    CROSS JOIN generate_series(1, c_interests) AS interests (number)
    LEFT JOIN LATERAL (
        SELECT known.interest_items[interests.number] AS item_id
        FROM interestream.users AS known
        WHERE known.space_id = p_space AND known.user_id = users.user_id
            AND known.interest_weights[interests.number] >= c_medoid_share
        OFFSET 0
    ) AS named ON true
    LEFT JOIN LATERAL (
        SELECT vectors.item_id, vectors.embedding
        FROM interestream.item_vectors AS vectors
        WHERE vectors.space_id = p_space AND vectors.item_id = named.item_id
        OFFSET 0
    ) AS medoids ON true;
    SELECT
        array_agg(
            coalesce(
                interestream.user_blend(users.user_id, p_space),
                v_medoid_vectors[c_interests * (users.number - 1) + 1]
            ) ORDER BY users.number
        ),
        array_agg(dislikes.embedding ORDER BY users.number),
        array_agg(dislikes.weight / (dislikes.weight + c_dislikes_at_half) ORDER BY users.number)
    INTO v_blends, v_dislikes, v_confidences
    FROM unnest(p_users) WITH ORDINALITY AS users (user_id, number)
    LEFT JOIN LATERAL (
        SELECT known.embedding, known.weight
        FROM interestream.user_windows AS known
        WHERE known.space_id = p_space AND known.user_id = users.user_id AND known.kind = 'dislikes'
        OFFSET 0
    ) AS dislikes ON true;

    -- Each interest has a search of its own, in the direction in which the score rises. Interests lie apart, so one
    -- search between them would end in the region of one.
    WITH directions AS MATERIALIZED (
        SELECT users.number AS user_number, interests.number AS interest, l2_normalize(
            users.blend::vector * array_fill(v_blend_weight, v_dim)::vector
            + coalesce(v_medoid_vectors[c_interests * (users.number - 1) + interests.number], users.blend)::vector
            * array_fill(v_interest_weight, v_dim)::vector
            -- Dislikes pull half as hard here, since the score gains nothing from the opposite of what is disliked.
            - coalesce(users.dislikes, users.blend)::vector
            * array_fill(coalesce(v_dislike_weight * users.confidence / 2, 0), v_dim)::vector
        ) AS embedding
        FROM unnest(v_blends, v_dislikes, v_confidences)
            WITH ORDINALITY AS users (blend, dislikes, confidence, number)
        CROSS JOIN generate_series(1, c_interests) AS interests (number)
        -- The first search stands for the blend, too, so a user without interests has it.
        WHERE users.blend IS NOT NULL AND (
            interests.number = 1 OR v_medoids[c_interests * (users.number - 1) + interests.number] IS NOT NULL
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
        p_space, v_search_vectors, v_pool,
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
                results.embedding <#> v_medoid_vectors[searches.medoid] <= least(
                    results.embedding <#> v_medoid_vectors[c_interests * (searches.user_number - 1) + 1],
                    results.embedding <#> v_medoid_vectors[c_interests * (searches.user_number - 1) + 2],
                    results.embedding <#> v_medoid_vectors[c_interests * (searches.user_number - 1) + 3]
                )
            )::integer) AS share
        FROM unnest(v_found_by, v_found_vectors) AS results (search, embedding)
        WHERE results.search = searches.number
    ) AS found
    WHERE v_scan_limit > 0
        AND found.share < c_strayed_share
        AND found.nearest < -(searches.embedding <#> v_medoid_vectors[searches.medoid]) * c_strayed_cosine;
    IF v_strayed IS NOT NULL THEN
        WITH again AS MATERIALIZED (
            SELECT v_strayed[found.query] AS search, found.item_id, found.embedding
            FROM interestream.nearest_items(
                p_space,
                ARRAY(
                    SELECT l2_normalize(
                        v_search_vectors[strayed.search] + v_medoid_vectors[v_search_medoids[strayed.search]]
                    )
                    FROM unnest(v_strayed) AS strayed (search)
                ),
                v_pool,
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
            WHERE results.search NOT IN (SELECT again.search FROM again GROUP BY again.search HAVING count(*) = v_pool)
        ) AS found;
    END IF;

    -- What those offer who liked the same items before, and what is popular.
    SELECT
        array_agg(segments.segment ORDER BY users.number),
        array_agg(
            coalesce((
                SELECT weights.weight FROM interestream.source_weights AS weights
                WHERE weights.segment = segments.segment AND weights.source = 'neighbors'
                    AND current_setting('interestream.sources', true) IS DISTINCT FROM 'text'
            ), 0) ORDER BY users.number
        )
    INTO v_segments, v_neighbor_weights
    FROM unnest(p_users) WITH ORDINALITY AS users (user_id, number)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN count(*) <= c_few THEN 'few' ELSE 'many' END AS segment
        FROM interestream.last_liked(users.user_id, c_few + 1) AS liked
    ) AS segments;
    SELECT
        array_agg(offered.number), array_agg(offered.item_id), array_agg(offered.share),
        array_agg(offered.liked_item_id), array_agg(offered.place)
    INTO v_neighbor_users, v_neighbor_ids, v_neighbor_shares, v_neighbor_sources, v_neighbor_places
    FROM (
        SELECT
            users.number::integer AS number, neighbors.item_id, neighbors.liked_item_id,
            sqrt(neighbors.strength / max(neighbors.strength) OVER (PARTITION BY users.number)) AS share,
            row_number() OVER (
                PARTITION BY users.number ORDER BY neighbors.strength DESC, neighbors.item_id
            )::integer AS place
        FROM unnest(p_users, v_blends) WITH ORDINALITY AS users (user_id, blend, number)
        CROSS JOIN LATERAL interestream.neighbor_items(
            p_space, users.user_id, c_known_neighbors, p_filter, p_exclude
        ) AS neighbors
        WHERE users.blend IS NOT NULL AND v_neighbor_weights[users.number] > 0
    ) AS offered;
    SELECT own.horizons, own.factors INTO v_horizons_few, v_factors_few
    FROM interestream.horizon_factors(p_space, 'few') AS own;
    SELECT own.horizons, own.factors INTO v_horizons_many, v_factors_many
    FROM interestream.horizon_factors(p_space, 'many') AS own;
    v_counted := cardinality(v_horizons_few) + cardinality(v_horizons_many) > 0;
    SELECT array_agg(users.number::integer), array_agg(popular.item_id) INTO v_popular_users, v_popular_ids
    FROM unnest(p_users, v_blends) WITH ORDINALITY AS users (user_id, blend, number)
    CROSS JOIN LATERAL interestream.popular_items(
        p_space, users.user_id, v_segments[users.number], greatest(c_popular, p_k), p_filter, p_exclude
    ) AS popular
    WHERE users.blend IS NOT NULL;

    RETURN QUERY
    WITH profiles AS MATERIALIZED (
        SELECT
            users.number::integer AS user_number,
            users.blend,
            users.dislikes,
            users.confidence,
            v_medoid_vectors[c_interests * (users.number - 1) + 1] AS medoid_1,
            v_medoid_vectors[c_interests * (users.number - 1) + 2] AS medoid_2,
            v_medoid_vectors[c_interests * (users.number - 1) + 3] AS medoid_3
        FROM unnest(v_blends, v_dislikes, v_confidences)
            WITH ORDINALITY AS users (blend, dislikes, confidence, number)
    ),

    -- This and the next steps are materialized, or the planner would repeat a part's expression at each use.
    compared AS MATERIALIZED (
        SELECT
            found.user_number,
            found.item_id,
            found.embedding,
            -(found.embedding <#> profiles.blend) AS blend,
            coalesce(
                greatest(
                    -(found.embedding <#> profiles.medoid_1),
                    -(found.embedding <#> profiles.medoid_2),
                    -(found.embedding <#> profiles.medoid_3)
                ),
                -(found.embedding <#> profiles.blend)
            ) AS interest,
            coalesce(greatest(-(found.embedding <#> profiles.dislikes), 0) * profiles.confidence, 0) AS dislike,
            coalesce(found.share, 0) * v_neighbor_weights[found.user_number] AS neighbor,
            found.liked_item_id,
            popular.score AS popular,
            popular.source AS horizon,
            -- Counted here only while the job has not.
            CASE WHEN v_counted THEN 0 ELSE (
                SELECT ln(1 + count(*) FILTER (WHERE newest.last_at >= v_week_ago)) / ln(1 + c_popular_enough)
                FROM (
                    -- BETWEEN and the order by both columns leave one index to choose; an equality would leave two.
                    SELECT known.last_at FROM interestream.user_items AS known
                    WHERE known.item_id BETWEEN found.item_id AND found.item_id
                    ORDER BY known.item_id, known.last_at DESC
                    LIMIT c_popular_enough
                ) AS newest
            ) END AS popularity
        FROM (
            SELECT
                offered.user_number,
                offered.item_id,
                max(offered.share) AS share,
                max(offered.liked_item_id) AS liked_item_id,
                coalesce(
                    (array_agg(offered.embedding ORDER BY offered.embedding IS NULL))[1],
                    (
                        SELECT known.embedding FROM interestream.item_vectors AS known
                        WHERE known.space_id = p_space AND known.item_id = offered.item_id
                    )
                ) AS embedding
            FROM (
                SELECT
                    v_search_users[results.search] AS user_number, results.item_id, results.embedding,
                    NULL::double precision AS share, NULL AS liked_item_id, true AS candidate
                FROM unnest(v_found_by, v_found_ids, v_found_vectors) AS results (search, item_id, embedding)
                UNION ALL
                SELECT
                    neighbors.user_number, neighbors.item_id, NULL, neighbors.share, neighbors.liked_item_id,
                    neighbors.place <= c_neighbors
                FROM unnest(
                    v_neighbor_users, v_neighbor_ids, v_neighbor_shares, v_neighbor_sources, v_neighbor_places
                ) AS neighbors (user_number, item_id, share, liked_item_id, place)
                UNION ALL
                SELECT popular.user_number, popular.item_id, NULL, NULL, NULL, true
                FROM unnest(v_popular_users, v_popular_ids) AS popular (user_number, item_id)
            ) AS offered
            GROUP BY offered.user_number, offered.item_id
            HAVING bool_or(offered.candidate)
        ) AS found
        JOIN profiles ON profiles.user_number = found.user_number
        CROSS JOIN LATERAL interestream.popularity(
            p_space, found.item_id,
            CASE v_segments[found.user_number] WHEN 'few' THEN v_horizons_few ELSE v_horizons_many END,
            CASE v_segments[found.user_number] WHEN 'few' THEN v_factors_few ELSE v_factors_many END
        ) AS popular
        WHERE found.embedding IS NOT NULL
    ),

    scored AS MATERIALIZED (
        SELECT
            compared.*,
            (
                v_blend_weight * compared.blend + v_interest_weight * compared.interest
                - v_dislike_weight * compared.dislike + v_popularity_weight * compared.popularity
                + compared.neighbor + compared.popular
            )::real AS score
        FROM compared
    ),

    -- All candidates of a group but its best one.
    copies AS MATERIALIZED (
        SELECT places.user_number, places.item_id
        FROM (
            SELECT
                scored.user_number, scored.item_id, row_number() OVER (
                    PARTITION BY scored.user_number, grouped.representative
                    ORDER BY scored.score DESC, scored.item_id
                ) AS place
            FROM scored
            CROSS JOIN LATERAL (
                SELECT known.representative FROM interestream.items AS known
                WHERE known.item_id = scored.item_id AND known.representative IS NOT NULL
                OFFSET 0
            ) AS grouped
        ) AS places
        WHERE places.place > 1
    ),

    ranked AS MATERIALIZED (
        SELECT
            scored.user_number,
            array_agg(scored.item_id ORDER BY scored.score DESC, scored.item_id) AS ids,
            array_agg(scored.embedding ORDER BY scored.score DESC, scored.item_id) AS vectors,
            array_agg(scored.score ORDER BY scored.score DESC, scored.item_id) AS scores,
            array_agg(scored.blend ORDER BY scored.score DESC, scored.item_id) AS blends,
            array_agg(scored.interest ORDER BY scored.score DESC, scored.item_id) AS interests,
            array_agg(scored.dislike ORDER BY scored.score DESC, scored.item_id) AS dislikes,
            array_agg(scored.popularity ORDER BY scored.score DESC, scored.item_id) AS popularities,
            array_agg(scored.neighbor ORDER BY scored.score DESC, scored.item_id) AS neighbors,
            array_agg(scored.liked_item_id ORDER BY scored.score DESC, scored.item_id) AS liked_item_ids,
            array_agg(scored.popular ORDER BY scored.score DESC, scored.item_id) AS populars,
            array_agg(scored.horizon ORDER BY scored.score DESC, scored.item_id) AS horizons
        FROM scored
        WHERE NOT EXISTS (
            SELECT FROM copies WHERE copies.user_number = scored.user_number AND copies.item_id = scored.item_id
        )
        GROUP BY scored.user_number
    ),

    picked AS MATERIALIZED (
        SELECT
            ranked.user_number,
            picks.rank,
            ranked.ids[picks.index] AS item_id,
            ranked.vectors[picks.index] AS embedding,
            ranked.scores[picks.index] AS score,
            ranked.blends[picks.index] AS blend,
            ranked.interests[picks.index] AS interest,
            ranked.dislikes[picks.index] AS dislike,
            ranked.popularities[picks.index] AS popularity,
            ranked.neighbors[picks.index] AS neighbor,
            ranked.liked_item_ids[picks.index] AS liked_item_id,
            ranked.populars[picks.index] AS popular,
            ranked.horizons[picks.index] AS horizon
        FROM ranked
        CROSS JOIN LATERAL unnest(
            interestream.diverse(ranked.vectors, ranked.scores, p_k, p_diversity, c_diverse_ranks)
        ) WITH ORDINALITY AS picks (index, rank)
    ),

    windows AS MATERIALIZED (
        SELECT users.number AS user_number, own.kind, own.embedding
        FROM unnest(p_users) WITH ORDINALITY AS users (user_id, number)
        CROSS JOIN LATERAL (
            SELECT known.kind, known.embedding
            FROM interestream.user_windows AS known
            WHERE known.space_id = p_space AND known.user_id = users.user_id
            OFFSET 0
        ) AS own
        JOIN interestream.blend_weights AS weights ON weights.kind = own.kind AND weights.weight > 0
    ),

    sources AS MATERIALIZED (
        SELECT windows.user_number, windows.kind AS source, NULL AS source_item_id, windows.embedding FROM windows
        UNION ALL
        SELECT (medoids.index + c_interests - 1) / c_interests, 'interest', medoids.item_id, medoids.embedding
        FROM unnest(v_medoids, v_medoid_vectors) WITH ORDINALITY AS medoids (item_id, embedding, index)
        WHERE medoids.item_id IS NOT NULL
    ),

    liked AS MATERIALIZED (
        SELECT users.number AS user_number, newest.item_id, vectors.embedding
        FROM unnest(p_users) WITH ORDINALITY AS users (user_id, number)
        CROSS JOIN LATERAL interestream.last_liked(users.user_id, 32) AS newest
        CROSS JOIN LATERAL (
            SELECT known.embedding
            FROM interestream.item_vectors AS known
            WHERE known.space_id = p_space AND known.item_id = newest.item_id
            OFFSET 0
        ) AS vectors
    )

    SELECT
        p_users[picked.user_number],
        picked.rank::integer,
        picked.item_id,
        items.title,
        items.categories,
        picked.score,
        interestream.reason(
            carrier.source, CASE WHEN carrier.of_text THEN coalesce(source_items.title, liked_items.title)
            ELSE source_items.title END
        ),
        carrier.source,
        carrier.item_id,
        source_items.title,
        nearest_liked.item_id,
        liked_items.title,
        jsonb_build_object(
            'blend', round(picked.blend::numeric, 4),
            'windows', coalesce(by_window.cosines, '{}'),
            'interest', round(picked.interest::numeric, 4),
            'dislike', round(picked.dislike::numeric, 4),
            'popularity', round(picked.popularity::numeric, 4),
            -- What was added up to the score.
            'score', jsonb_build_object(
                'text', round(by_text.score::numeric, 4),
                'dislike', round(-(v_dislike_weight * picked.dislike)::numeric, 4),
                'neighbors', round(picked.neighbor::numeric, 4),
                'popular', round((picked.popular + v_popularity_weight * picked.popularity)::numeric, 4)
            )
        )
    FROM picked
    CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(
            windows.kind, round(-(picked.embedding <#> windows.embedding)::numeric, 4)
        ) AS cosines
        FROM windows
        WHERE windows.user_number = picked.user_number
    ) AS by_window
    LEFT JOIN LATERAL (
        SELECT sources.source, sources.source_item_id
        FROM sources
        WHERE sources.user_number = picked.user_number
        ORDER BY picked.embedding <#> sources.embedding, sources.source, sources.source_item_id
        LIMIT 1
    ) AS nearest ON true
    CROSS JOIN LATERAL (
        SELECT v_blend_weight * picked.blend + v_interest_weight * picked.interest AS score
    ) AS by_text
    -- The source that adds most gives the reason.
    CROSS JOIN LATERAL (
        SELECT 'neighbor' AS source, picked.liked_item_id AS item_id, false AS of_text
        WHERE picked.neighbor > greatest(by_text.score, 0) AND picked.neighbor >= picked.popular
        UNION ALL
        SELECT picked.horizon, NULL, false
        WHERE picked.popular > greatest(by_text.score, 0) AND picked.popular > picked.neighbor
        UNION ALL
        SELECT nearest.source, nearest.source_item_id, true
        WHERE greatest(by_text.score, 0) >= greatest(picked.neighbor, picked.popular)
    ) AS carrier
    LEFT JOIN LATERAL (
        SELECT liked.item_id FROM liked
        WHERE liked.user_number = picked.user_number
        ORDER BY picked.embedding <#> liked.embedding, liked.item_id
        LIMIT 1
    ) AS nearest_liked ON true
    CROSS JOIN LATERAL (
        SELECT known.title, known.categories
        FROM interestream.items AS known
        WHERE known.item_id = picked.item_id
        OFFSET 0
    ) AS items
    LEFT JOIN LATERAL (
        SELECT known.title FROM interestream.items AS known WHERE known.item_id = carrier.item_id OFFSET 0
    ) AS source_items ON true
    LEFT JOIN LATERAL (
        SELECT known.title FROM interestream.items AS known WHERE known.item_id = nearest_liked.item_id OFFSET 0
    ) AS liked_items ON true
    ORDER BY picked.user_number, picked.rank;
END;
$$;

COMMENT ON FUNCTION interestream.recommend_batch IS
'recommend() for some users at once: the rows of those with a vector in the space, by user as given and rank from 1. May give a user fewer than p_k rows: what has no vector is left to recommend_cold(). All arguments are taken as checked.';

GRANT EXECUTE ON FUNCTION interestream.recommend_batch TO interestream_reader, interestream_admin;
