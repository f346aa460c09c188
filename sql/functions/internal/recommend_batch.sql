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
-- Everything below is a few dozen look-ups by key; so it stays, whatever the statistics say. The
-- statements are large: each is planned once a session, perhaps while the tables were empty still,
-- and only behind LATERAL and OFFSET is a look-up one whatever else there is to join.
SET plan_cache_mode = force_generic_plan
SET work_mem = '64MB'
SET jit = off
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET max_parallel_workers_per_gather = 0
AS $$
DECLARE
    c_medoid_share constant real := 0.1;    -- a weaker interest counts for nothing
    c_same_search constant real := 0.97;    -- cosine above which two searches find the same
    c_diverse_ranks constant integer := 50; -- beyond, the list goes by score alone
    v_walk integer := interestream.walk_budget(p_space, p_filter);
    v_blends halfvec[];
    v_dislikes halfvec[];
    v_trusts real[];                        -- 0 to 1, how much the dislikes weigh
    v_medoids text[];
    v_medoid_vectors halfvec[];             -- three each, in the order of the users
    v_searched halfvec[];
    v_searching integer[];                  -- whose
    v_interests integer[];                  -- which of the medoids each search is for
    v_found integer[];                      -- by which search
    v_found_ids text[];
    v_found_vectors halfvec[];
    v_strayed integer[];
    v_week_ago timestamptz := interestream.newest_interaction() - interval '7 days';
    v_blend_weight real;
    v_interest_weight real;
    v_dislike_weight real;
    v_popularity_weight real;
    v_dim integer[] := ARRAY[interestream.space_dim(p_space)];
    v_searches integer := 3;
    v_pool integer := p_k + 20;             -- candidates by each search
    v_ef_search integer := least(
        -- Wide enough that seen items among the nearest seldom call for a second walk. The graph of
        -- a larger catalogue needs a wider one to find as much: three quarters as wide again for each
        -- tenfold beyond 100,000 items.
        (p_k + 60) * (1 + log(greatest(interestream.space_size(p_space) / 100000, 1)) * 0.75), 1000
    );
BEGIN
    SELECT
        coalesce(max(s.weight) FILTER (WHERE s.part = 'blend'), 0),
        coalesce(max(s.weight) FILTER (WHERE s.part = 'interest'), 0),
        coalesce(max(s.weight) FILTER (WHERE s.part = 'dislike'), 0),
        coalesce(max(s.weight) FILTER (WHERE s.part = 'popularity'), 0)
    INTO v_blend_weight, v_interest_weight, v_dislike_weight, v_popularity_weight
    FROM interestream.score_weights AS s;

    -- What is known about the users: the blend of the windows, the dislikes, the medoids.
    SELECT array_agg(m.item_id ORDER BY a.n, p.place), array_agg(m.embedding ORDER BY a.n, p.place)
    INTO v_medoids, v_medoid_vectors
    FROM unnest(p_users) WITH ORDINALITY AS a (user_id, n)
    CROSS JOIN generate_series(1, 3) AS p (place)
    LEFT JOIN LATERAL (
        SELECT u.interest_items[p.place] AS item_id
        FROM interestream.users AS u
        WHERE u.space_id = p_space AND u.user_id = a.user_id
            AND u.interest_weights[p.place] >= c_medoid_share
        OFFSET 0
    ) AS i ON true
    LEFT JOIN LATERAL (
        SELECT v.item_id, v.embedding
        FROM interestream.item_vectors AS v
        WHERE v.space_id = p_space AND v.item_id = i.item_id
        OFFSET 0
    ) AS m ON true;
    SELECT
        array_agg(coalesce(interestream.user_blend(a.user_id, p_space), v_medoid_vectors[3 * a.n - 2]) ORDER BY a.n),
        array_agg(d.embedding ORDER BY a.n),
        array_agg(d.weight / (d.weight + 3) ORDER BY a.n)
    INTO v_blends, v_dislikes, v_trusts
    FROM unnest(p_users) WITH ORDINALITY AS a (user_id, n)
    LEFT JOIN LATERAL (
        SELECT w.embedding, w.weight
        FROM interestream.user_windows AS w
        WHERE w.space_id = p_space AND w.user_id = a.user_id AND w.kind = 'dislikes'
        OFFSET 0
    ) AS d ON true;

    -- What to search for: for each interest, the direction in which the score rises. Interests lie
    -- apart, and one search from between them would end in the region of one.
    WITH directions AS MATERIALIZED (
        SELECT a.n, p.place, l2_normalize(
            a.blend::vector * array_fill(v_blend_weight, v_dim)::vector
            + coalesce(v_medoid_vectors[3 * a.n + p.place - 3], a.blend)::vector
            * array_fill(v_interest_weight, v_dim)::vector
            -- Halved, for the score gains nothing from the opposite of what is disliked.
            - coalesce(a.dislikes, a.blend)::vector
            * array_fill(coalesce(v_dislike_weight * a.trust / 2, 0), v_dim)::vector
        ) AS embedding
        FROM unnest(v_blends, v_dislikes, v_trusts) WITH ORDINALITY AS a (blend, dislikes, trust, n)
        CROSS JOIN generate_series(1, v_searches) AS p (place)
        WHERE a.blend IS NOT NULL AND (p.place = 1 OR v_medoids[3 * a.n + p.place - 3] IS NOT NULL)
    )

    SELECT
        array_agg(d.embedding::halfvec ORDER BY d.n, d.place),
        array_agg(d.n ORDER BY d.n, d.place),
        array_agg(3 * d.n + d.place - 3 ORDER BY d.n, d.place)
    INTO v_searched, v_searching, v_interests
    FROM directions AS d
    WHERE NOT EXISTS (
        SELECT FROM directions AS o
        WHERE o.n = d.n AND o.place < d.place AND -(o.embedding <#> d.embedding) > c_same_search
    );

    SELECT array_agg(f.query), array_agg(f.item_id), array_agg(f.embedding)
    INTO v_found, v_found_ids, v_found_vectors
    FROM interestream.nearest_items(
        p_space, v_searched, v_pool, ARRAY(SELECT p_users[s.n] FROM unnest(v_searching) AS s (n)),
        p_filter, p_exclude, v_walk, v_ef_search
    ) AS f;

    -- A search lies between interests, and its walk may end in the region of another one. It has
    -- strayed where its medoid is clearly nearer to it than all that was found, and hardly anything
    -- found is nearest to this medoid. A walk to halfway between the two ends in the right region.
    SELECT array_agg(s.query) INTO v_strayed
    FROM unnest(v_searched, v_interests) WITH ORDINALITY AS s (embedding, interest, query)
    CROSS JOIN LATERAL (
        SELECT
            max(-(f.embedding <#> s.embedding)) AS nearest,
            avg((
                f.embedding <#> v_medoid_vectors[s.interest] <= least(
                    f.embedding <#> v_medoid_vectors[3 * v_searching[s.query] - 2],
                    f.embedding <#> v_medoid_vectors[3 * v_searching[s.query] - 1],
                    f.embedding <#> v_medoid_vectors[3 * v_searching[s.query]]
                )
            )::integer) AS share
        FROM unnest(v_found, v_found_vectors) AS f (query, embedding)
        WHERE f.query = s.query
    ) AS found
    WHERE v_walk > 0
        AND found.share < 0.1
        AND found.nearest < -(s.embedding <#> v_medoid_vectors[s.interest]) * 0.9;
    IF v_strayed IS NOT NULL THEN
        WITH again AS MATERIALIZED (
            SELECT v_strayed[f.query] AS query, f.item_id, f.embedding
            FROM interestream.nearest_items(
                p_space,
                ARRAY(
                    SELECT l2_normalize(v_searched[s.query] + v_medoid_vectors[v_interests[s.query]])
                    FROM unnest(v_strayed) AS s (query)
                ),
                v_pool, ARRAY(SELECT p_users[v_searching[s.query]] FROM unnest(v_strayed) AS s (query)),
                p_filter, p_exclude, v_walk, v_ef_search, p_complete => false
            ) AS f
        )

        SELECT array_agg(n.query), array_agg(n.item_id), array_agg(n.embedding)
        INTO v_found, v_found_ids, v_found_vectors
        FROM (
            SELECT a.query, a.item_id, a.embedding FROM again AS a
            UNION ALL
            -- What strayed lies near another interest, whose own search has found it. It stays where
            -- there may be nothing else.
            SELECT d.query, d.item_id, d.embedding
            FROM unnest(v_found, v_found_ids, v_found_vectors) AS d (query, item_id, embedding)
            WHERE d.query NOT IN (SELECT a.query FROM again AS a GROUP BY a.query HAVING count(*) = v_pool)
        ) AS n;
    END IF;

    RETURN QUERY
    WITH profiles AS MATERIALIZED (
        SELECT
            a.n::integer AS n,
            a.user_id,
            a.blend,
            a.dislikes,
            a.trust,
            v_medoid_vectors[3 * a.n - 2] AS medoid_1,
            v_medoid_vectors[3 * a.n - 1] AS medoid_2,
            v_medoid_vectors[3 * a.n] AS medoid_3
        FROM unnest(p_users, v_blends, v_dislikes, v_trusts) WITH ORDINALITY
            AS a (user_id, blend, dislikes, trust, n)
    ),

    -- Materialized, or the planner would write a part's expression out wherever the part is used.
    compared AS MATERIALIZED (
        SELECT
            f.n,
            f.item_id,
            f.embedding,
            -(f.embedding <#> p.blend) AS blend,
            coalesce(
                greatest(
                    -(f.embedding <#> p.medoid_1), -(f.embedding <#> p.medoid_2), -(f.embedding <#> p.medoid_3)
                ),
                -(f.embedding <#> p.blend)
            ) AS interest,
            coalesce(greatest(-(f.embedding <#> p.dislikes), 0) * p.trust, 0) AS dislike,
            (
                SELECT ln(1 + count(*) FILTER (WHERE few.last_at >= v_week_ago)) / ln(65)
                FROM (
                    -- In the order of one index, which no equality hides: it alone can be chosen.
                    SELECT u.last_at FROM interestream.user_items AS u
                    WHERE u.item_id BETWEEN f.item_id AND f.item_id
                    ORDER BY u.item_id, u.last_at DESC
                    LIMIT 64
                ) AS few
            ) AS popularity
        FROM (
            SELECT v_searching[d.query] AS n, d.item_id, any_value(d.embedding) AS embedding
            FROM unnest(v_found, v_found_ids, v_found_vectors) AS d (query, item_id, embedding)
            GROUP BY 1, 2
        ) AS f
        JOIN profiles AS p ON p.n = f.n
    ),

    scored AS MATERIALIZED (
        SELECT
            c.*,
            (
                v_blend_weight * c.blend + v_interest_weight * c.interest
                - v_dislike_weight * c.dislike + v_popularity_weight * c.popularity
            )::real AS score
        FROM compared AS c
    ),

    ranked AS MATERIALIZED (
        SELECT
            s.n,
            array_agg(s.item_id ORDER BY s.score DESC, s.item_id) AS ids,
            array_agg(s.embedding ORDER BY s.score DESC, s.item_id) AS vectors,
            array_agg(s.score ORDER BY s.score DESC, s.item_id) AS scores,
            array_agg(s.blend ORDER BY s.score DESC, s.item_id) AS blends,
            array_agg(s.interest ORDER BY s.score DESC, s.item_id) AS interests,
            array_agg(s.dislike ORDER BY s.score DESC, s.item_id) AS dislikes,
            array_agg(s.popularity ORDER BY s.score DESC, s.item_id) AS popularities
        FROM scored AS s
        GROUP BY s.n
    ),

    picked AS MATERIALIZED (
        SELECT
            r.n,
            p.place,
            r.ids[p.pick] AS item_id,
            r.vectors[p.pick] AS embedding,
            r.scores[p.pick] AS score,
            r.blends[p.pick] AS blend,
            r.interests[p.pick] AS interest,
            r.dislikes[p.pick] AS dislike,
            r.popularities[p.pick] AS popularity
        FROM ranked AS r
        CROSS JOIN LATERAL unnest(
            interestream.diverse(r.vectors, r.scores, p_k, p_diversity, c_diverse_ranks)
        ) WITH ORDINALITY AS p (pick, place)
    ),

    windows AS MATERIALIZED (
        SELECT a.n, w.kind, w.embedding
        FROM unnest(p_users) WITH ORDINALITY AS a (user_id, n)
        CROSS JOIN LATERAL (
            SELECT o.kind, o.embedding
            FROM interestream.user_windows AS o
            WHERE o.space_id = p_space AND o.user_id = a.user_id
            OFFSET 0
        ) AS w
        JOIN interestream.blend_weights AS b ON b.kind = w.kind AND b.weight > 0
    ),

    sources AS MATERIALIZED (
        SELECT w.n, w.kind AS source, NULL AS source_item_id, w.embedding FROM windows AS w
        UNION ALL
        SELECT (m.place + 2) / 3, 'interest', m.item_id, m.embedding
        FROM unnest(v_medoids, v_medoid_vectors) WITH ORDINALITY AS m (item_id, embedding, place)
        WHERE m.item_id IS NOT NULL
    ),

    liked AS MATERIALIZED (
        SELECT a.n, l.item_id, v.embedding
        FROM unnest(p_users) WITH ORDINALITY AS a (user_id, n)
        CROSS JOIN LATERAL interestream.last_liked(a.user_id, 32) AS l
        CROSS JOIN LATERAL (
            SELECT o.embedding
            FROM interestream.item_vectors AS o
            WHERE o.space_id = p_space AND o.item_id = l.item_id
            OFFSET 0
        ) AS v
    )

    SELECT
        p_users[e.n],
        e.place::integer,
        e.item_id,
        i.title,
        i.categories,
        e.score,
        interestream.reason(near.source, coalesce(source_item.title, liked_item.title)),
        near.source,
        near.source_item_id,
        source_item.title,
        best.item_id,
        liked_item.title,
        jsonb_build_object(
            'blend', round(e.blend::numeric, 4),
            'windows', coalesce(like_window.parts, '{}'),
            'interest', round(e.interest::numeric, 4),
            'dislike', round(e.dislike::numeric, 4),
            'popularity', round(e.popularity::numeric, 4)
        )
    FROM picked AS e
    CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(w.kind, round(-(e.embedding <#> w.embedding)::numeric, 4)) AS parts
        FROM windows AS w
        WHERE w.n = e.n
    ) AS like_window
    LEFT JOIN LATERAL (
        SELECT s.source, s.source_item_id
        FROM sources AS s
        WHERE s.n = e.n
        ORDER BY e.embedding <#> s.embedding, s.source, s.source_item_id
        LIMIT 1
    ) AS near ON true
    LEFT JOIN LATERAL (
        SELECT l.item_id FROM liked AS l
        WHERE l.n = e.n
        ORDER BY e.embedding <#> l.embedding, l.item_id
        LIMIT 1
    ) AS best ON true
    CROSS JOIN LATERAL (
        SELECT o.title, o.categories FROM interestream.items AS o WHERE o.item_id = e.item_id OFFSET 0
    ) AS i
    LEFT JOIN LATERAL (
        SELECT o.title FROM interestream.items AS o WHERE o.item_id = near.source_item_id OFFSET 0
    ) AS source_item ON true
    LEFT JOIN LATERAL (
        SELECT o.title FROM interestream.items AS o WHERE o.item_id = best.item_id OFFSET 0
    ) AS liked_item ON true
    ORDER BY e.n, e.place;
END;
$$;

COMMENT ON FUNCTION interestream.recommend_batch IS
'recommend() for some users at once: the rows of those with a vector in the space, by user as given and rank from 1. May give a user fewer than p_k rows: what has no vector is left to recommend_cold(). All arguments are taken as checked.';

GRANT EXECUTE ON FUNCTION interestream.recommend_batch TO interestream_reader, interestream_admin;
