CREATE OR REPLACE FUNCTION interestream.recommend_topics(
    p_user text,
    p_k integer DEFAULT 5,
    p_space integer DEFAULT NULL,
    p_titles integer DEFAULT 3
) RETURNS TABLE (
    rank integer,
    topic text,
    score real,
    cosine real,
    rise real,
    interactions bigint,
    reason text,
    near_item_id text,
    near_title text,
    titles text[]
)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
SET jit = off
-- These settings keep it to look-ups by key, whatever the statistics say: see recommend_batch().
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    c_had constant integer := 300;               -- items of the user whose topics the user has had: the newest
    c_liked constant integer := 32;              -- liked items that topics are compared with
    c_rises constant double precision := 0.15;   -- what a topic that rises gains at most, in units of a cosine
    c_near constant double precision := 4 / 3.0; -- times other_cosine: the cosine from which a topic is near
    c_half constant double precision := 3;       -- rise at which it gains half of that
    v_space integer := interestream.chosen_space(p_space);
    v_blend halfvec;
    v_had text[];
    v_other real := coalesce(
        (SELECT own.value FROM interestream.topic_settings AS own WHERE own.setting = 'other_cosine'), -1
    );
    v_topics text[];
    v_vectors halfvec[];
BEGIN
    PERFORM interestream.check_k(p_k);
    PERFORM interestream.check_k(p_titles, 'p_titles');
    IF p_user IS NULL THEN
        RAISE EXCEPTION 'recommend_topics() needs a user' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    v_blend := interestream.user_blend(p_user, v_space);
    IF v_blend IS NULL THEN
        RETURN;
    END IF;
    v_had := ARRAY(
        SELECT DISTINCT interestream.nearest_topic(vectors.embedding, v_space)
        FROM (
            SELECT own.item_id FROM interestream.user_items AS own
            WHERE own.user_id = p_user AND (own.actions & interestream.seen_mask() <> 0 OR own.signal < 0)
            ORDER BY own.last_at DESC, own.item_id
            LIMIT c_had
        ) AS newest
        CROSS JOIN LATERAL (
            SELECT known.embedding FROM interestream.item_vectors AS known
            WHERE known.space_id = v_space AND known.item_id = newest.item_id
            OFFSET 0
        ) AS vectors
    );
    SELECT array_agg(known.topic ORDER BY known.topic), array_agg(known.embedding ORDER BY known.topic)
    INTO v_topics, v_vectors
    FROM interestream.topic_vectors AS known
    WHERE known.space_id = v_space AND NOT coalesce(known.topic = ANY(v_had), false);
    RETURN QUERY
    WITH liked AS MATERIALIZED (
        SELECT newest.item_id, newest.place, vectors.embedding
        FROM interestream.last_liked(p_user, c_liked) WITH ORDINALITY AS newest (item_id, last_at, bought, place)
        CROSS JOIN LATERAL (
            SELECT known.embedding FROM interestream.item_vectors AS known
            WHERE known.space_id = v_space AND known.item_id = newest.item_id
            OFFSET 0
        ) AS vectors
    ),

    compared AS MATERIALIZED (
        SELECT
            topics.topic, topics.embedding, nearest.item_id,
            greatest(-(topics.embedding <#> v_blend), nearest.cosine) AS cosine
        FROM unnest(v_topics, v_vectors) AS topics (topic, embedding)
        LEFT JOIN LATERAL (
            SELECT liked.item_id, -(topics.embedding <#> liked.embedding) AS cosine
            FROM liked
            ORDER BY topics.embedding <#> liked.embedding, liked.place
            LIMIT 1
        ) AS nearest ON true
    ),

    rises AS MATERIALIZED (
        SELECT own.topic, own.rise, own.interactions FROM interestream.topic_rises(v_space) AS own
    ),

    chosen AS MATERIALIZED (
        SELECT
            row_number() OVER (ORDER BY scored.score DESC, scored.topic) AS place, scored.*
        FROM (
            SELECT
                compared.*, rises.rise, rises.interactions,
                compared.cosine + c_rises * greatest(coalesce(rises.rise, 0), 0)
                / (greatest(coalesce(rises.rise, 0), 0) + c_half) AS score
            FROM compared
            LEFT JOIN rises ON rises.topic = compared.topic
            WHERE compared.cosine >= c_near * v_other
        ) AS scored
        ORDER BY scored.score DESC, scored.topic
        LIMIT p_k
    ),

    near AS MATERIALIZED (
        SELECT found.query AS place, array_agg(known.title ORDER BY found.similarity DESC, found.item_id) AS titles
        FROM interestream.nearest_items(
            v_space, ARRAY(SELECT chosen.embedding FROM chosen ORDER BY chosen.place), p_titles,
            ARRAY(SELECT p_user FROM chosen)
        ) AS found
        CROSS JOIN LATERAL (
            SELECT own.title FROM interestream.items AS own WHERE own.item_id = found.item_id OFFSET 0
        ) AS known
        GROUP BY found.query
    )

    SELECT
        chosen.place::integer,
        interestream.topic_title(chosen.topic),
        chosen.score::real,
        chosen.cosine::real,
        chosen.rise::real,
        coalesce(chosen.interactions, 0),
        interestream.reason(CASE WHEN chosen.rise > 0 THEN 'rising_topic' ELSE 'near_topic' END, known.title),
        chosen.item_id,
        known.title,
        coalesce(near.titles, '{}')
    FROM chosen
    LEFT JOIN near ON near.place = chosen.place
    LEFT JOIN LATERAL (
        SELECT own.title FROM interestream.items AS own WHERE own.item_id = chosen.item_id OFFSET 0
    ) AS known ON true
    ORDER BY chosen.place;
END;
$$;

COMMENT ON FUNCTION interestream.recommend_topics IS
'Named topics that p_user has not had yet, near what the user likes, by rank from 1: none of the newest 300 items that the user has seen or disliked is nearest to them. score: cosine, the largest of topic and blend or one of the last 32 liked items (near_item_id), plus 0.15 * rise / (rise + 3) for a topic that rises; rise and interactions as in topic_rises(), null and 0 where nothing is counted. titles: the nearest available items that the user has not seen, at most p_titles. A topic is near from 4/3 of other_cosine (topic_settings), which is 0.2 unless the operator changes it: others are not answered, even if they rise. Names are in the language of the setting interestream.language: see topic_title(). No rows for a user without windows, such as one who opted out. Errors: null_value_not_allowed, invalid_parameter_value, undefined_object.';

GRANT EXECUTE ON FUNCTION interestream.recommend_topics TO interestream_reader, interestream_admin;
