CREATE OR REPLACE FUNCTION interestream.recommend_users(
    p_user text,
    p_k integer DEFAULT 10,
    p_space integer DEFAULT NULL,
    p_exclude_users text[] DEFAULT NULL
) RETURNS TABLE (
    rank integer,
    user_id text,
    similarity real,
    reason text,
    shared_topics text[],
    liked_in_common integer,
    common_item_ids text[],
    common_titles text[]
)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
-- These settings keep it to look-ups by key, whatever the statistics say: see recommend_batch().
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    c_topics constant integer := 5;       -- strongest topics of a user that are compared
    c_share constant real := 0.05;        -- a topic with a smaller share is none of the user's
    c_common constant integer := 3;       -- items that both like which are told
    v_space integer := interestream.chosen_space(p_space);
    v_chinese boolean := coalesce(current_setting('interestream.language', true) ILIKE 'zh%', false);
    v_comma text := CASE WHEN v_chinese THEN '、' ELSE ', ' END;
    v_topics text[];
    v_liked text[];
BEGIN
    PERFORM interestream.check_k(p_k);
    IF p_user IS NULL THEN
        RAISE EXCEPTION 'recommend_users() needs a user' USING ERRCODE = 'null_value_not_allowed',
            HINT = 'Give the user_id of a user in interestream.users.';
    END IF;
    v_topics := ARRAY(
        SELECT own.topic FROM interestream.engaged_topics(p_user, c_topics, v_space) AS own
        WHERE own.cosine IS NOT NULL AND own.share >= c_share
        ORDER BY own.rank
    );
    v_liked := ARRAY(SELECT own.item_id FROM interestream.last_liked(p_user, 32) AS own);
    RETURN QUERY
    SELECT
        (row_number() OVER (ORDER BY others.rank))::integer,
        others.user_id,
        others.similarity,
        concat_ws(
            CASE WHEN v_chinese THEN '' ELSE ' ' END,
            CASE WHEN topics.names <> '{}' THEN
                interestream.reason('shared_topic', array_to_string(topics.titles[:2], v_comma))
            END,
            CASE WHEN common.titles <> '{}' THEN interestream.reason('liked', common.titles[1]) END,
            CASE WHEN topics.names = '{}' AND common.titles IS NULL THEN interestream.reason('taste', NULL) END
        ),
        topics.titles,
        others.liked_in_common,
        coalesce(common.item_ids, '{}'),
        coalesce(common.titles, '{}')
    FROM (
        SELECT near.* FROM interestream.similar_users(
            p_user, least(p_k + coalesce(cardinality(p_exclude_users), 0), 1000), v_space
        ) AS near
        WHERE p_exclude_users IS NULL OR near.user_id <> ALL(p_exclude_users)
        ORDER BY near.rank
        LIMIT p_k
    ) AS others
    CROSS JOIN LATERAL (
        SELECT ARRAY(
            SELECT own.topic FROM interestream.engaged_topics(others.user_id, c_topics, v_space) AS own
            WHERE own.cosine IS NOT NULL AND own.share >= c_share AND own.topic = ANY(v_topics)
            ORDER BY array_position(v_topics, own.topic)
        ) AS names
        OFFSET 0
    ) AS shared
    CROSS JOIN LATERAL (
        SELECT shared.names, ARRAY(
            SELECT interestream.topic_title(own.topic)
            FROM unnest(shared.names) WITH ORDINALITY AS own (topic, place)
            ORDER BY own.place
        ) AS titles
    ) AS topics
    CROSS JOIN LATERAL (
        SELECT array_agg(newest.item_id ORDER BY newest.place) AS item_ids,
            array_agg(newest.title ORDER BY newest.place) AS titles
        FROM (
            SELECT liked.item_id, liked.place, known.title
            FROM unnest(v_liked) WITH ORDINALITY AS liked (item_id, place)
            CROSS JOIN LATERAL (
                SELECT FROM interestream.user_items AS own
                WHERE own.user_id = others.user_id AND own.item_id = liked.item_id AND own.signal > 0
                OFFSET 0
            ) AS both_like
            CROSS JOIN LATERAL (
                SELECT own.title FROM interestream.items AS own WHERE own.item_id = liked.item_id OFFSET 0
            ) AS known
            ORDER BY liked.place
            LIMIT c_common
        ) AS newest
    ) AS common
    ORDER BY others.rank;
END;
$$;

COMMENT ON FUNCTION interestream.recommend_users IS
'Whom p_user may want to meet: the p_k users of similar_users() by rank from 1, without p_exclude_users, each with the reasons. shared_topics: topics with a share of 5 % and more of what both engage with, the strongest of p_user first, in the language of the setting interestream.language (see topic_title()); common_item_ids and common_titles: the newest items of p_user that both like, at most three. Users who opted out have no windows: they are neither shown nor answered, as users that nobody knows. Errors: null_value_not_allowed, invalid_parameter_value, undefined_object.';

GRANT EXECUTE ON FUNCTION interestream.recommend_users TO interestream_reader, interestream_admin;
