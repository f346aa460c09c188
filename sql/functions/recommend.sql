CREATE OR REPLACE FUNCTION interestream.recommend(
    p_user text,
    p_k integer DEFAULT 10,
    p_categories text[] DEFAULT NULL,
    p_space integer DEFAULT NULL,
    p_diversity double precision DEFAULT 0.3
) RETURNS TABLE (
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
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
-- Everything below is a few dozen look-ups by key; so it stays, whatever the statistics say.
SET jit = off
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET max_parallel_workers_per_gather = 0
AS $$
DECLARE
    c_medoids constant integer := 3;        -- each one searched is a descent of the HNSW index
    c_medoid_share constant real := 0.1;    -- a weaker interest is not searched
    c_medoid_known constant real := 0.8;    -- cosine with the blend above which its search finds nothing new
    c_diverse_ranks constant integer := 50; -- beyond, the list goes by score alone
    v_categories text[] := nullif(p_categories, '{}');
    v_space integer;
    v_walk integer;
    v_pool integer := 2 * p_k + 30;
    v_blend halfvec;
    v_dislikes halfvec;
    v_dislike_trust real;
    v_medoids text[];
    v_medoid_vectors halfvec[];
    v_searched halfvec[];
    v_week_ago timestamptz;
    v_ids text[];
    v_vectors halfvec[];
    v_scores real[];
    v_blends real[];
    v_interests real[];
    v_dislike_parts real[];
    v_popularities real[];
    v_weights jsonb;
    v_picks integer[];
BEGIN
    IF p_user IS NULL THEN
        RAISE EXCEPTION 'recommend() needs a user' USING ERRCODE = 'null_value_not_allowed',
            HINT = 'For nobody in particular ask interestream.trending().';
    END IF;
    PERFORM interestream.check_k(p_k);
    IF p_diversity IS NULL OR p_diversity NOT BETWEEN 0 AND 1 THEN
        RAISE EXCEPTION 'diversity % cannot be used', coalesce(p_diversity::text, 'null')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'p_diversity is 0 (none) to 1.';
    END IF;
    v_space := interestream.chosen_space(p_space);

    -- What is known about the user: the blend of the windows, the dislikes, the medoids.
    v_blend := interestream.user_blend(p_user, v_space);
    SELECT w.embedding, w.weight / (w.weight + 3) INTO v_dislikes, v_dislike_trust
    FROM interestream.user_windows AS w
    WHERE w.space_id = v_space AND w.user_id = p_user AND w.kind = 'dislikes';
    SELECT array_agg(v.item_id ORDER BY m.place), array_agg(v.embedding ORDER BY m.place)
    INTO v_medoids, v_medoid_vectors
    FROM interestream.users AS u,
        unnest(u.interest_items, u.interest_weights) WITH ORDINALITY AS m (item_id, share, place)
    JOIN interestream.item_vectors AS v ON v.space_id = v_space AND v.item_id = m.item_id
    WHERE u.space_id = v_space AND u.user_id = p_user
        AND m.place <= c_medoids AND m.share >= c_medoid_share;
    v_blend := coalesce(v_blend, v_medoid_vectors[1]);
    IF v_blend IS NULL THEN
        RETURN QUERY
        SELECT c.* FROM interestream.recommend_cold(p_user, p_k, v_categories, v_space, v_dislikes) AS c;
        RETURN;
    END IF;

    -- Candidates, and their exact scores. Materialized, or the planner would write a part's
    -- subquery out wherever the part is used.
    v_week_ago := interestream.newest_interaction() - interval '7 days';
    SELECT jsonb_object_agg(s.part, s.weight) INTO v_weights FROM interestream.score_weights AS s;
    v_walk := interestream.walk_budget(v_space, v_categories);
    IF v_walk = 0 THEN
        v_pool := 2 * v_pool;  -- costs little there, and stands in for the search by medoids
    ELSIF v_categories IS NULL THEN
        SELECT array_agg(m.embedding) INTO v_searched
        FROM unnest(v_medoid_vectors) AS m (embedding)
        WHERE -(m.embedding <#> v_blend) < c_medoid_known;
    ELSE
        v_pool := p_k + 20;  -- each one costs a walk past many; so does each medoid
    END IF;
    WITH found AS (
        SELECT n.item_id, n.embedding
        FROM interestream.nearest_items(
            v_space, ARRAY[v_blend], v_pool, p_user, v_categories, v_walk,
            CASE WHEN v_categories IS NULL THEN 300 ELSE 100 END
        ) AS n
        UNION ALL
        SELECT n.item_id, n.embedding
        FROM interestream.nearest_items(
            v_space, v_searched, 10 + p_k / 4, p_user, NULL, 2000, 40, false
        ) AS n
        WHERE v_searched IS NOT NULL
    ),

    compared AS MATERIALIZED (
        SELECT
            f.item_id,
            any_value(f.embedding) AS embedding,
            any_value(-(f.embedding <#> v_blend))::real AS blend,
            any_value(coalesce(
                (SELECT max(-(f.embedding <#> m.embedding)) FROM unnest(v_medoid_vectors) AS m (embedding)),
                -(f.embedding <#> v_blend)
            ))::real AS interest,
            any_value(coalesce(greatest(-(f.embedding <#> v_dislikes), 0) * v_dislike_trust, 0))::real AS dislike
        FROM found AS f
        GROUP BY f.item_id
    ),

    counted AS MATERIALIZED (
        SELECT
            c.*,
            (
                SELECT ln(1 + count(*)) / ln(65)
                FROM (
                    SELECT FROM interestream.user_items AS u
                    WHERE u.item_id = c.item_id AND u.last_at >= v_week_ago
                    LIMIT 64
                ) AS few
            )::real AS popularity
        FROM compared AS c
    ),

    scored AS MATERIALIZED (
        SELECT
            c.*,
            (
                coalesce((v_weights -> 'blend')::real, 0) * c.blend
                + coalesce((v_weights -> 'interest')::real, 0) * c.interest
                - coalesce((v_weights -> 'dislike')::real, 0) * c.dislike
                + coalesce((v_weights -> 'popularity')::real, 0) * c.popularity
            )::real AS score
        FROM counted AS c
    )

    SELECT
        array_agg(s.item_id ORDER BY s.score DESC, s.item_id),
        array_agg(s.embedding ORDER BY s.score DESC, s.item_id),
        array_agg(s.score ORDER BY s.score DESC, s.item_id),
        array_agg(s.blend ORDER BY s.score DESC, s.item_id),
        array_agg(s.interest ORDER BY s.score DESC, s.item_id),
        array_agg(s.dislike ORDER BY s.score DESC, s.item_id),
        array_agg(s.popularity ORDER BY s.score DESC, s.item_id)
    INTO v_ids, v_vectors, v_scores, v_blends, v_interests, v_dislike_parts, v_popularities
    FROM scored AS s;
    IF v_ids IS NULL THEN
        RETURN;
    END IF;

    v_picks := interestream.diverse(v_vectors, v_scores, p_k, p_diversity, c_diverse_ranks);

    RETURN QUERY
    WITH picked AS MATERIALIZED (
        SELECT p.place, p.pick, v_ids[p.pick] AS item_id, v_vectors[p.pick] AS embedding
        FROM unnest(v_picks) WITH ORDINALITY AS p (pick, place)
    ),

    windows AS MATERIALIZED (
        SELECT w.kind, w.embedding
        FROM interestream.user_windows AS w
        JOIN interestream.blend_weights AS b ON b.kind = w.kind AND b.weight > 0
        WHERE w.space_id = v_space AND w.user_id = p_user
    ),

    liked AS MATERIALIZED (
        SELECT l.item_id, v.embedding
        FROM interestream.last_liked(p_user, 32) AS l
        JOIN interestream.item_vectors AS v ON v.space_id = v_space AND v.item_id = l.item_id
    ),

    explained AS (
        SELECT
            p.place,
            p.pick,
            p.item_id,
            near.source,
            near.source_item_id,
            best.item_id AS liked_item_id,
            like_window.parts
        FROM picked AS p
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(w.kind, round(-(p.embedding <#> w.embedding)::numeric, 4)) AS parts
            FROM windows AS w
        ) AS like_window
        LEFT JOIN LATERAL (
            SELECT n.source, n.source_item_id
            FROM (
                SELECT 'interest' AS source, m.item_id AS source_item_id, p.embedding <#> m.embedding AS distance
                FROM unnest(v_medoids, v_medoid_vectors) AS m (item_id, embedding)
                UNION ALL
                SELECT w.kind, NULL, p.embedding <#> w.embedding FROM windows AS w
            ) AS n
            ORDER BY n.distance, n.source
            LIMIT 1
        ) AS near ON true
        LEFT JOIN LATERAL (
            SELECT l.item_id FROM liked AS l ORDER BY p.embedding <#> l.embedding, l.item_id LIMIT 1
        ) AS best ON true
    )

    SELECT
        e.place::integer,
        e.item_id,
        i.title,
        i.categories,
        v_scores[e.pick],
        interestream.reason(e.source, coalesce(source_item.title, liked_item.title)),
        e.source,
        e.source_item_id,
        source_item.title,
        e.liked_item_id,
        liked_item.title,
        jsonb_build_object(
            'blend', round(v_blends[e.pick]::numeric, 4),
            'windows', coalesce(e.parts, '{}'),
            'interest', round(v_interests[e.pick]::numeric, 4),
            'dislike', round(v_dislike_parts[e.pick]::numeric, 4),
            'popularity', round(v_popularities[e.pick]::numeric, 4)
        )
    FROM explained AS e
    JOIN interestream.items AS i ON i.item_id = e.item_id
    LEFT JOIN interestream.items AS source_item ON source_item.item_id = e.source_item_id
    LEFT JOIN interestream.items AS liked_item ON liked_item.item_id = e.liked_item_id
    ORDER BY e.place;
END;
$$;

COMMENT ON FUNCTION interestream.recommend IS
'What p_user should see next: at most p_k available items that the user has neither seen nor disliked, by rank from 1. score: the parts weighted by score_weights (blend, interest and dislike are cosines, popularity is 0 to 1). p_diversity: 0 ranks by score alone, above it an item also loses what it shares with those before it. source: the window or interest the item is nearest to, or trending or new for a user without a vector; p_categories keeps items with at least one of them. Errors: null_value_not_allowed, invalid_parameter_value, undefined_object.';

GRANT EXECUTE ON FUNCTION interestream.recommend TO interestream_reader, interestream_writer, interestream_admin;
