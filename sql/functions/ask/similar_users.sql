CREATE OR REPLACE FUNCTION interestream.similar_users(
    p_user text,
    p_k integer DEFAULT 10,
    p_space integer DEFAULT NULL
) RETURNS TABLE (
    rank integer,
    user_id text,
    similarity real,
    liked_in_common integer,
    reason text,
    common_item_id text,
    common_title text
)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
SET plan_cache_mode = force_generic_plan
SET jit = off
-- These settings keep it to look-ups by key, whatever the statistics say: see recommend_batch().
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET max_parallel_workers_per_gather = 0
AS $$
DECLARE
    c_few constant integer := 1000;       -- up to so many users, all are compared
    c_candidates constant integer := 300; -- of more users, those with the most in common are compared
    c_fans constant integer := 100;       -- newest interactions that are read of each item
    v_space integer := interestream.chosen_space(p_space);
    v_blend halfvec;
    v_liked text[];
    v_users text[];
BEGIN
    PERFORM interestream.check_k(p_k);
    IF p_user IS NULL THEN
        RAISE EXCEPTION 'similar_users() needs a user' USING ERRCODE = 'null_value_not_allowed',
            HINT = 'Give the user_id of a user in interestream.users.';
    END IF;
    v_blend := interestream.user_blend(p_user, v_space);
    IF v_blend IS NULL THEN
        RETURN;
    END IF;
    v_liked := ARRAY(SELECT l.item_id FROM interestream.last_liked(p_user, 32) AS l);
    v_users := ARRAY(SELECT u.user_id FROM interestream.users AS u WHERE u.space_id = v_space LIMIT c_few + 1);
    IF cardinality(v_users) > c_few THEN
        -- Windows change too often to index them. Candidates are users who liked what this user liked, which
        -- counts twice, or an item near the user's blend.
        v_users := ARRAY(
            SELECT f.user_id
            FROM (
                SELECT l.item_id, 2 AS counts FROM unnest(v_liked) AS l (item_id)
                UNION ALL
                SELECT n.item_id, 1 FROM interestream.nearest_items(v_space, ARRAY[v_blend], 100) AS n
            ) AS i
            CROSS JOIN LATERAL (
                SELECT u.user_id
                FROM interestream.user_items AS u
                -- BETWEEN and the order by both columns leave one index to choose; an equality would leave two.
                WHERE u.item_id BETWEEN i.item_id AND i.item_id AND u.signal > 0
                ORDER BY u.item_id, u.last_at DESC
                LIMIT c_fans
            ) AS f
            WHERE f.user_id <> p_user
            GROUP BY f.user_id
            ORDER BY sum(i.counts) DESC, f.user_id
            LIMIT greatest(c_candidates, 2 * p_k)
        );
    END IF;
    RETURN QUERY
    WITH nearest AS MATERIALIZED (
        SELECT c.user_id, c.similarity
        FROM (
            SELECT u.user_id, -(interestream.user_blend(u.user_id, v_space) <#> v_blend) AS similarity
            FROM unnest(v_users) AS u (user_id)
            WHERE u.user_id <> p_user
        ) AS c
        WHERE c.similarity IS NOT NULL
        ORDER BY c.similarity DESC, c.user_id
        LIMIT p_k
    )

    SELECT
        (row_number() OVER (ORDER BY n.similarity DESC, n.user_id))::integer,
        n.user_id,
        n.similarity::real,
        common.items,
        interestream.reason(CASE WHEN common.items > 0 THEN 'liked' ELSE 'taste' END, i.title),
        common.item_id,
        i.title
    FROM nearest AS n
    CROSS JOIN LATERAL (
        SELECT count(*)::integer AS items, (array_agg(u.item_id ORDER BY l.place))[1] AS item_id
        FROM unnest(v_liked) WITH ORDINALITY AS l (item_id, place)
        JOIN interestream.user_items AS u
            ON u.user_id = n.user_id AND u.item_id = l.item_id AND u.signal > 0
    ) AS common
    LEFT JOIN LATERAL (
        SELECT o.title FROM interestream.items AS o WHERE o.item_id = common.item_id OFFSET 0
    ) AS i ON true
    ORDER BY n.similarity DESC, n.user_id;
END;
$$;

COMMENT ON FUNCTION interestream.similar_users IS
'The p_k users whose windows point most in the direction of p_user''s, by rank from 1: similarity is the cosine of the two user_blend(). liked_in_common: how many of the last 32 items that p_user liked the other user liked, too; the newest of them is common_item_id. In a space of more than 1,000 users only 300 (or 2 * p_k) are compared: those who liked most of what p_user liked or of what lies near it. No rows for a user without windows. Errors: null_value_not_allowed, invalid_parameter_value, undefined_object.';

GRANT EXECUTE ON FUNCTION interestream.similar_users TO interestream_reader, interestream_admin;
