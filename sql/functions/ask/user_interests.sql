CREATE OR REPLACE FUNCTION interestream.user_interests(
    p_user text,
    p_space integer DEFAULT NULL,
    p_titles integer DEFAULT 3
) RETURNS TABLE (
    kind text,
    rank integer,
    label text,
    categories text[],
    share real,
    size integer,
    as_of timestamptz,
    titles text[],
    topic text
)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
-- These settings keep it to look-ups by key, whatever the statistics say: see recommend_batch().
SET enable_seqscan = off
AS $$
DECLARE
    v_space integer := interestream.chosen_space(p_space);
BEGIN
    IF p_user IS NULL THEN
        RAISE EXCEPTION 'user_interests() needs a user' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    PERFORM interestream.check_k(p_titles, 'p_titles');
    RETURN QUERY
    WITH known AS (
        SELECT
            'interest' AS kind,
            m.place::integer AS place,
            m.item_id AS medoid,
            v.embedding,
            m.share,
            m.size,
            u.last_event_at AS as_of
        FROM interestream.users AS u
        CROSS JOIN LATERAL unnest(u.interest_items, u.interest_weights, u.interest_sizes)
            WITH ORDINALITY AS m (item_id, share, size, place)
        CROSS JOIN LATERAL (
            SELECT o.embedding
            FROM interestream.item_vectors AS o
            WHERE o.space_id = v_space AND o.item_id = m.item_id
            OFFSET 0
        ) AS v
        WHERE u.space_id = v_space AND u.user_id = p_user
        UNION ALL
        SELECT w.kind, 1, NULL, w.embedding, b.weight / sum(b.weight) OVER (), NULL, w.as_of
        FROM interestream.user_windows AS w
        LEFT JOIN interestream.blend_weights AS b ON b.kind = w.kind
        WHERE w.space_id = v_space AND w.user_id = p_user AND w.kind <> 'topics'
    ),

    near AS (
        SELECT k.kind, k.place, n.item_id, n.similarity, i.title, i.categories
        FROM known AS k
        CROSS JOIN LATERAL interestream.nearest_items(
            v_space, ARRAY[k.embedding], p_titles + 1, p_ef_search => 40
        ) AS n
        CROSS JOIN LATERAL (
            SELECT o.title, o.categories FROM interestream.items AS o WHERE o.item_id = n.item_id OFFSET 0
        ) AS i
    ),

    answers AS (
        SELECT
            k.kind,
            k.place,
            coalesce(medoid.title, nearest.titles[1]) AS label,
            frequent.categories,
            k.share,
            k.size,
            k.as_of,
            nearest.titles,
            interestream.topic_title(interestream.nearest_topic(k.embedding, v_space)) AS topic
        FROM known AS k
        LEFT JOIN LATERAL (
            SELECT o.title FROM interestream.items AS o WHERE o.item_id = k.medoid OFFSET 0
        ) AS medoid ON true
        CROSS JOIN LATERAL (
            SELECT array_agg(t.title ORDER BY t.similarity DESC, t.item_id) AS titles
            FROM (
                SELECT n.title, n.similarity, n.item_id
                FROM near AS n
                WHERE n.kind = k.kind AND n.place = k.place AND n.item_id IS DISTINCT FROM k.medoid
                    AND n.title IS DISTINCT FROM medoid.title
                ORDER BY n.similarity DESC, n.item_id
                LIMIT p_titles
            ) AS t
        ) AS nearest
        CROSS JOIN LATERAL (
            SELECT array_agg(t.category ORDER BY t.items DESC, t.category) AS categories
            FROM (
                SELECT c.category, count(*) AS items
                FROM near AS n
                CROSS JOIN LATERAL unnest(n.categories) AS c (category)
                WHERE n.kind = k.kind AND n.place = k.place
                GROUP BY c.category
                ORDER BY items DESC, c.category
                LIMIT 3
            ) AS t
        ) AS frequent
        UNION ALL
        SELECT
            'topic', t.rank, interestream.topic_title(t.topic), NULL, t.share, NULL, t.as_of, NULL,
            interestream.topic_title(nullif(t.topic, 'other'))
        FROM interestream.engaged_topics(p_user, 3, v_space) AS t
        WHERE t.topic <> 'other' OR t.rank > 1
    )

    SELECT a.*
    FROM answers AS a
    ORDER BY
        array_position(ARRAY['recent', 'session', 'day', 'month', 'interest', 'topic', 'dislikes'], a.kind),
        a.kind, a.place;
END;
$$;

COMMENT ON FUNCTION interestream.user_interests IS
'What a user is interested in, readable: one row per window (recent, session, day, month), several interests by rank from 1, the three strongest topics and other for the rest, and dislikes. label: the medoid''s title, for a window that of the nearest available item, for a topic its name; titles: the nearest items, nearest first, at most p_titles; categories: the three most frequent among them; share: of the blend for a window, of all interests'' weight for an interest, of all topics for a topic, null for what has no weight, such as the dislikes; size: interactions of an interest; as_of: the time the row is relative to; topic: the named topic nearest to the row, null where none is near. Names of topics are in the language of the setting interestream.language: see topic_title(). No rows for an unknown user.';

GRANT EXECUTE ON FUNCTION interestream.user_interests TO interestream_reader, interestream_admin;
