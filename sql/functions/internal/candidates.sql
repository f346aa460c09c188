CREATE OR REPLACE FUNCTION interestream.candidates(
    p_users text[],
    p_pool integer,
    p_space integer,
    p_filter interestream.item_filter DEFAULT NULL,
    p_exclude text[] DEFAULT NULL,
    p_cold boolean DEFAULT false,
    p_weights jsonb DEFAULT NULL,
    p_shown_until timestamptz DEFAULT NULL
) RETURNS TABLE (
    user_number integer,
    segment text,
    item_id text,
    embedding halfvec,
    blend real,
    interest real,
    dislike real,
    popularity real,
    liked_item_id text,
    representative text,
    features vector
)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 300
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
    c_few constant integer := 4;                         -- liked items up to which the segment of a user is few
    c_last constant integer := 5;                        -- liked items that text_last compares with: the newest
    c_neighbors constant integer := 50;                  -- neighbors that are candidates
    c_known_neighbors constant integer := 100;           -- neighbors whose strength counts
    c_popular constant integer := 30;                    -- popular items of a horizon that are candidates, at least
    c_popular_enough constant integer := 64;             -- interactions within a week that make popularity 1
    c_new constant integer := 20;                        -- newest items that are candidates
    c_new_age constant interval := '30 days';            -- age up to which they are
    c_new_fades constant double precision := 14 * 86400; -- seconds in which the feature new falls to 1/e
    c_new_ends constant interval := '1 year';            -- age from which it is 0
    -- What arrives this long after the newest interaction, or less, is new. In a replay of old events everything
    -- arrives later, and nothing is known of its age.
    c_arrives constant interval := '1 day';
    c_least constant double precision := 1e-9;           -- shares below are 0
    c_sequence constant real := 10;                      -- what a sequence model says is divided by this
    v_newest timestamptz := interestream.newest_interaction();
    v_mask bigint := interestream.seen_mask();
    v_repeats boolean := interestream.has_repeat_rules();
    v_horizons text[] := ARRAY(
        SELECT each.source
        FROM unnest(interestream.ranking_sources(p_space)) WITH ORDINALITY AS each (source, place)
        WHERE each.source LIKE 'popular\_%'
        ORDER BY each.place
    );
    v_largest double precision[];                        -- ln(1 + interactions) of the best item of each horizon
    v_rules boolean;                                     -- whether the job writes item_neighbors
    v_shown boolean := EXISTS (SELECT FROM interestream.shown_items AS known WHERE known.user_id = ANY(p_users));
    v_blend_weight real;
    v_interest_weight real;
    v_dislike_weight real;
    v_popularity_weight real;
    -- One entry for each user, in the order of p_users.
    v_blends halfvec[];
    v_dislikes halfvec[];
    v_confidences real[];                                -- 0 to 1: how much the dislikes count
    v_segments text[];
    -- c_interests entries for each user: interest i of user u is at c_interests * (u - 1) + i.
    v_medoid_vectors halfvec[];
    v_last_vectors halfvec[];                            -- c_last entries for each user, likewise
    v_bought_vectors halfvec[];                          -- of these the bought ones, null in the place of others
    -- One entry for each user with a vector in a sequence model, null for others.
    v_models integer[];
    v_sequences halfvec[];
    v_scales real[];
BEGIN
    SELECT
        coalesce(max(weights.weight) FILTER (WHERE weights.part = 'blend'), 0),
        coalesce(max(weights.weight) FILTER (WHERE weights.part = 'interest'), 0),
        coalesce(max(weights.weight) FILTER (WHERE weights.part = 'dislike'), 0),
        coalesce(max(weights.weight) FILTER (WHERE weights.part = 'popularity'), 0)
    INTO v_blend_weight, v_interest_weight, v_dislike_weight, v_popularity_weight
    FROM interestream.score_weights AS weights;

    -- What is known of the users: the medoids of their interests, the blend of their windows, their dislikes, and what
    -- they liked last.
    SELECT array_agg(medoids.embedding ORDER BY users.number, interests.number) INTO v_medoid_vectors
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
        SELECT vectors.embedding
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
    SELECT
        array_agg(vectors.embedding ORDER BY users.number, places.place),
        array_agg(
            CASE WHEN last.bought[places.place] THEN vectors.embedding END ORDER BY users.number, places.place
        )
    INTO v_last_vectors, v_bought_vectors
    FROM unnest(p_users) WITH ORDINALITY AS users (user_id, number)
    CROSS JOIN LATERAL (
        SELECT array_agg(liked.item_id) AS item_ids, array_agg(liked.bought) AS bought
        FROM interestream.last_liked(users.user_id, c_last) AS liked
    ) AS last
    CROSS JOIN generate_series(1, c_last) AS places (place)
    LEFT JOIN LATERAL (
        SELECT known.embedding
        FROM interestream.item_vectors AS known
        WHERE known.space_id = p_space AND known.item_id = last.item_ids[places.place]
        OFFSET 0
    ) AS vectors ON true;
    SELECT array_agg(segments.segment ORDER BY users.number) INTO v_segments
    FROM unnest(p_users, v_blends) WITH ORDINALITY AS users (user_id, blend, number)
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN users.blend IS NULL THEN 'none'
            WHEN count(*) <= c_few THEN 'few' ELSE 'many'
        END AS segment
        FROM interestream.last_liked(users.user_id, c_few + 1) AS liked
    ) AS segments;
    SELECT array_agg(ln(1 + windows.largest) ORDER BY each.number) INTO v_largest
    FROM unnest(v_horizons) WITH ORDINALITY AS each (source, number)
    CROSS JOIN LATERAL (
        SELECT known.largest
        FROM interestream.trend_windows AS known
        WHERE known.space_id = p_space AND known.horizon = substr(each.source, 9)
        OFFSET 0
    ) AS windows;
    v_horizons := ARRAY(SELECT substr(each.source, 9) FROM unnest(v_horizons) AS each (source));
    v_rules := current_setting('interestream.sources', true) IS DISTINCT FROM 'text'
        AND EXISTS (SELECT FROM interestream.item_neighbors AS known WHERE known.space_id = p_space);

    IF current_setting('interestream.sources', true) IS DISTINCT FROM 'text' THEN
        SELECT
            array_agg(own.model ORDER BY users.number),
            array_agg(own.embedding ORDER BY users.number),
            array_agg(own.scale ORDER BY users.number)
        INTO v_models, v_sequences, v_scales
        FROM unnest(v_segments) WITH ORDINALITY AS users (segment, number)
        LEFT JOIN interestream.sequence_users(p_space, p_users) AS own
            ON own.user_number = users.number AND EXISTS (
                SELECT FROM interestream.source_weights AS weights
                WHERE weights.segment = users.segment AND weights.source = 'sequence'
            );
    END IF;

    RETURN QUERY
    WITH profiles AS MATERIALIZED (
        SELECT
            users.number::integer AS user_number,
            v_models[users.number] AS model,
            v_sequences[users.number] AS sequence,
            v_scales[users.number] / c_sequence AS scale,
            users.blend,
            users.dislikes,
            users.confidence,
            v_segments[users.number] AS segment,
            v_medoid_vectors[c_interests * (users.number - 1) + 1] AS medoid_1,
            v_medoid_vectors[c_interests * (users.number - 1) + 2] AS medoid_2,
            v_medoid_vectors[c_interests * (users.number - 1) + 3] AS medoid_3,
            v_last_vectors[c_last * (users.number - 1) + 1] AS last_1,
            v_last_vectors[c_last * (users.number - 1) + 2] AS last_2,
            v_last_vectors[c_last * (users.number - 1) + 3] AS last_3,
            v_last_vectors[c_last * (users.number - 1) + 4] AS last_4,
            v_last_vectors[c_last * (users.number - 1) + 5] AS last_5,
            v_bought_vectors[c_last * (users.number - 1) + 1] AS bought_1,
            v_bought_vectors[c_last * (users.number - 1) + 2] AS bought_2,
            v_bought_vectors[c_last * (users.number - 1) + 3] AS bought_3,
            v_bought_vectors[c_last * (users.number - 1) + 4] AS bought_4,
            v_bought_vectors[c_last * (users.number - 1) + 5] AS bought_5
        FROM unnest(v_blends, v_dislikes, v_confidences)
            WITH ORDINALITY AS users (blend, dislikes, confidence, number)
        WHERE p_cold OR users.blend IS NOT NULL
    ),

    neighbors AS MATERIALIZED (
        SELECT
            users.number::integer AS user_number, own.item_id, own.liked_item_id,
            own.strength / max(own.strength) OVER each AS share,
            coalesce(own.last_strength / nullif(max(own.last_strength) OVER each, 0), 0) AS last_share,
            own.bought_strength / max(own.strength) OVER each AS bought_share,
            row_number() OVER (each ORDER BY own.strength DESC, own.item_id) AS place
        FROM unnest(p_users, v_blends) WITH ORDINALITY AS users (user_id, blend, number)
        CROSS JOIN LATERAL interestream.neighbor_items(
            p_space, users.user_id, c_known_neighbors, p_filter, p_exclude
        ) AS own
        WHERE users.blend IS NOT NULL AND EXISTS (
            SELECT FROM interestream.source_weights AS weights
            WHERE weights.segment = v_segments[users.number] AND weights.source LIKE 'neighbors%'
                AND current_setting('interestream.sources', true) IS DISTINCT FROM 'text'
        )
        WINDOW each AS (PARTITION BY users.number)
    ),

    offered AS (
        SELECT
            results.user_number, results.item_id, results.embedding,
            NULL::double precision AS share, NULL::double precision AS last_share,
            NULL::double precision AS bought_share, NULL AS liked_item_id,
            true AS candidate
        FROM interestream.text_candidates(
            p_space, p_users, v_blends, v_medoid_vectors, v_dislikes, v_confidences, p_pool, p_filter, p_exclude
        ) AS results
        UNION ALL
        SELECT own.user_number, own.item_id, NULL, NULL, NULL, NULL, NULL, true
        FROM interestream.sequence_candidates(
            p_users, v_models, v_sequences, p_pool, p_filter, p_exclude
        ) AS own
        UNION ALL
        SELECT
            neighbors.user_number, neighbors.item_id, NULL, neighbors.share, neighbors.last_share,
            neighbors.bought_share, neighbors.liked_item_id, neighbors.place <= c_neighbors
        FROM neighbors
        UNION ALL
        SELECT users.number, popular.item_id, NULL, NULL, NULL, NULL, NULL, true
        FROM unnest(p_users, v_blends) WITH ORDINALITY AS users (user_id, blend, number)
        CROSS JOIN LATERAL interestream.horizon_factors(p_space, v_segments[users.number], p_weights) AS own
        CROSS JOIN LATERAL interestream.popular_ids(
            p_space, users.user_id, own.horizons, greatest(c_popular, p_pool - 20), p_filter, p_exclude
        ) AS popular (item_id)
        WHERE p_cold OR users.blend IS NOT NULL
        UNION ALL
        SELECT users.number, newest.item_id, NULL, NULL, NULL, NULL, NULL, true
        FROM unnest(p_users, v_blends) WITH ORDINALITY AS users (user_id, blend, number)
        CROSS JOIN LATERAL (
            SELECT known.item_id
            FROM interestream.items AS known
            WHERE known.available
                AND coalesce(known.published_at, known.arrived_at) BETWEEN v_newest - c_new_age AND v_newest + c_arrives
                AND (known.published_at IS NULL OR known.published_at <= v_newest)
                AND interestream.passes_filter(known, p_filter)
                AND (p_exclude IS NULL OR known.item_id <> ALL(p_exclude))
                -- The planner takes CASE for true in half of the rows; "IS NULL OR" without statistics for nearly never.
                AND CASE
                    WHEN known.representative IS NULL THEN true
                    WHEN CASE
                        WHEN p_filter IS NULL THEN known.representative = known.item_id
                        ELSE interestream.first_of_group(known.item_id, known.group_key, p_filter)
                    END THEN NOT interestream.seen_in_group(known.group_key, users.user_id, v_mask, v_repeats)
                    ELSE false
                END
                -- A look-up for each item, which an anti-join need not be: with OFFSET 0 it stays one.
                AND NOT coalesce((
                    SELECT true FROM interestream.user_items AS seen
                    WHERE seen.user_id = users.user_id AND seen.item_id = known.item_id
                        AND interestream.counts_as_seen(seen, v_mask, v_repeats)
                    OFFSET 0
                ), false)
            ORDER BY coalesce(known.published_at, known.arrived_at) DESC, known.item_id
            LIMIT c_new
        ) AS newest
        WHERE (p_cold OR users.blend IS NOT NULL) AND EXISTS (
            SELECT FROM interestream.source_weights AS weights
            WHERE weights.segment = v_segments[users.number] AND weights.source = 'new'
                AND current_setting('interestream.sources', true) IS DISTINCT FROM 'text'
        )
    ),

    found AS MATERIALIZED (
        SELECT
            offered.user_number::integer AS user_number,
            offered.item_id,
            coalesce(max(offered.share) FILTER (WHERE offered.share > c_least), 0) AS share,
            coalesce(max(offered.last_share) FILTER (WHERE offered.last_share > c_least), 0) AS last_share,
            coalesce(max(offered.bought_share) FILTER (WHERE offered.bought_share > c_least), 0) AS bought_share,
            max(offered.liked_item_id) AS liked_item_id,
            (array_agg(offered.embedding ORDER BY offered.embedding IS NULL))[1] AS embedding
        FROM offered
        GROUP BY offered.user_number, offered.item_id
        HAVING bool_or(offered.candidate)
    ),

    -- This step is materialized, or the planner would repeat a part's expression at each use.
    compared AS MATERIALIZED (
        SELECT
            found.user_number,
            profiles.segment,
            found.item_id,
            vectors.embedding,
            found.share,
            found.last_share,
            found.bought_share,
            found.liked_item_id,
            items.representative,
            coalesce(-(vectors.embedding <#> profiles.blend), 0) AS blend,
            coalesce(
                greatest(
                    -(vectors.embedding <#> profiles.medoid_1),
                    -(vectors.embedding <#> profiles.medoid_2),
                    -(vectors.embedding <#> profiles.medoid_3)
                ),
                -(vectors.embedding <#> profiles.blend),
                0
            ) AS interest,
            coalesce(greatest(-(vectors.embedding <#> profiles.dislikes), 0) * profiles.confidence, 0) AS dislike,
            coalesce(
                greatest(
                    -(vectors.embedding <#> profiles.last_1),
                    -(vectors.embedding <#> profiles.last_2),
                    -(vectors.embedding <#> profiles.last_3),
                    -(vectors.embedding <#> profiles.last_4),
                    -(vectors.embedding <#> profiles.last_5)
                ),
                0
            ) AS last,
            coalesce(
                greatest(
                    -(vectors.embedding <#> profiles.bought_1),
                    -(vectors.embedding <#> profiles.bought_2),
                    -(vectors.embedding <#> profiles.bought_3),
                    -(vectors.embedding <#> profiles.bought_4),
                    -(vectors.embedding <#> profiles.bought_5)
                ),
                0
            ) AS bought,
            coalesce(profiles.scale * (
                SELECT -(known.embedding <#> profiles.sequence) FROM interestream.item_vectors AS known
                WHERE known.space_id = profiles.model AND known.item_id = found.item_id
            ), 0) AS sequence,
            -- Counted here only while the job has not.
            CASE WHEN cardinality(v_horizons) > 0 THEN 0 ELSE (
                SELECT
                    ln(1 + count(*) FILTER (WHERE newest.last_at >= v_newest - interval '7 days'))
                    / ln(1 + c_popular_enough)
                FROM (
                    -- BETWEEN and the order by both columns leave one index to choose; an equality would leave two.
                    SELECT known.last_at FROM interestream.user_items AS known
                    WHERE known.item_id BETWEEN found.item_id AND found.item_id
                    ORDER BY known.item_id, known.last_at DESC
                    LIMIT c_popular_enough
                ) AS newest
            ) END AS popularity,
            known.interactions,
            (v_rules AND known.interactions IS NULL)::integer AS unseen,
            -- A number too small for its type is an error in Postgres: what is older than a year is as good as 0.
            CASE WHEN items.new_at > v_newest - c_new_ends THEN exp(
                -greatest(extract(EPOCH FROM v_newest - items.new_at)::double precision, 0) / c_new_fades
            ) ELSE 0 END AS new
        FROM found
        JOIN profiles ON profiles.user_number = found.user_number
        CROSS JOIN LATERAL (
            SELECT coalesce(found.embedding, (
                SELECT known.embedding FROM interestream.item_vectors AS known
                WHERE known.space_id = p_space AND known.item_id = found.item_id
            )) AS embedding
            OFFSET 0
        ) AS vectors
        CROSS JOIN LATERAL (
            SELECT
                own.representative,
                coalesce(
                    own.published_at, CASE WHEN own.arrived_at <= v_newest + c_arrives THEN own.arrived_at END
                ) AS new_at
            FROM interestream.items AS own
            WHERE own.item_id = found.item_id
            OFFSET 0
        ) AS items
        LEFT JOIN LATERAL (
            SELECT own.interactions
            FROM interestream.item_neighbors AS own
            WHERE own.space_id = p_space AND own.item_id = found.item_id
            OFFSET 0
        ) AS known ON true
        WHERE vectors.embedding IS NOT NULL
    ),

    mixed AS MATERIALIZED (
        SELECT
            compared.*,
            v_blend_weight * compared.blend + v_interest_weight * compared.interest
            - v_dislike_weight * compared.dislike + v_popularity_weight * compared.popularity AS text
        FROM compared
    )

    SELECT
        mixed.user_number,
        mixed.segment,
        mixed.item_id,
        mixed.embedding,
        mixed.blend::real,
        mixed.interest::real,
        mixed.dislike::real,
        mixed.popularity::real,
        mixed.liked_item_id,
        mixed.representative,
        (
            ARRAY[
                mixed.text, mixed.last, sqrt(mixed.share), mixed.share, mixed.last_share, mixed.unseen,
                mixed.unseen * mixed.text, mixed.new,
                coalesce(shown.often, 0), mixed.bought_share, mixed.bought, mixed.sequence
            ]::real[] || ARRAY(
                SELECT coalesce(
                    ln(1 + coalesce(
                        counts.interactions[array_position(counts.horizons, each.horizon)],
                        -- Of all time only the best are kept among trends; its neighbors' row counts the rest.
                        CASE WHEN each.horizon = 'all' THEN mixed.interactions END
                    )) / each.largest,
                    0
                )::real
                FROM unnest(v_horizons, v_largest) AS each (horizon, largest)
            )
        )::vector
    FROM mixed
    CROSS JOIN LATERAL (
        SELECT array_agg(known.horizon) AS horizons, array_agg(known.interactions) AS interactions
        FROM interestream.trends AS known
        WHERE known.item_id = mixed.item_id AND known.space_id = p_space
        OFFSET 0
    ) AS counts
    LEFT JOIN LATERAL (
        SELECT interestream.shown_often(
            known.shown_at,
            (
                SELECT touched.signal_at FROM interestream.user_items AS touched
                WHERE touched.user_id = p_users[mixed.user_number] AND touched.item_id = mixed.item_id
            ),
            v_newest, p_shown_until
        ) AS often
        FROM interestream.shown_items AS known
        WHERE v_shown AND known.user_id = p_users[mixed.user_number] AND known.item_id = mixed.item_id
        OFFSET 0
    ) AS shown ON true;
END;
$$;

COMMENT ON FUNCTION interestream.candidates IS
'What recommend() chooses from for each of p_users: the p_pool nearest items of each search by text, what the user''s sequence model finds likeliest, neighbors of what the user liked last, what is popular over each horizon, and the newest items, without those that the user has seen or disliked, or whose group the user has. user_number: the place in p_users; segment: none, few or many liked items; features: in the order of ranking_sources(), see source_weights; representative: that of the item''s group. blend, interest, dislike and popularity are what score_weights add up to the feature text. p_cold: whether a user without a vector has candidates, too. p_weights as for ranking_weights(). p_shown_until: impressions at this time or later do not count in the feature shown. All arguments are taken as checked.';

GRANT EXECUTE ON FUNCTION interestream.candidates TO interestream_reader, interestream_writer, interestream_admin;
