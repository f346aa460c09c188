CREATE OR REPLACE FUNCTION interestream.topic_rises(p_space integer)
RETURNS TABLE (topic text, interactions bigint, expected double precision, rise double precision)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 20
SET search_path FROM CURRENT
SET jit = off
-- Look-ups by key, whatever the statistics say: see recommend_batch().
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    c_items constant integer := 500;  -- items of the horizon that are looked at, the most popular ones
    v_horizon text;
    v_interactions bigint;
    v_before bigint;                  -- interactions of the next longer horizon that lie before this one
BEGIN
    -- The horizon below a week, or the shortest that has a longer one.
    SELECT own.horizon, own.interactions, longer.interactions - own.interactions
    INTO v_horizon, v_interactions, v_before
    FROM interestream.trend_windows AS own
    JOIN interestream.trend_windows AS longer ON longer.space_id = own.space_id AND longer.horizon = own.longer
    WHERE own.space_id = p_space
    ORDER BY own.longer = 'week' DESC, own.length, own.horizon
    LIMIT 1;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH best AS MATERIALIZED (
        SELECT
            known.item_id, known.interactions,
            greatest(known.longer_interactions - known.interactions, 0)::double precision
            / greatest(v_before, 1) * v_interactions AS expected
        FROM interestream.trends AS known
        WHERE known.space_id = p_space AND known.horizon = v_horizon
        ORDER BY known.interactions DESC, known.item_id
        LIMIT c_items
    ),

    named AS MATERIALIZED (
        SELECT best.interactions, best.expected, interestream.nearest_topic(vectors.embedding, p_space) AS topic
        FROM best
        CROSS JOIN LATERAL (
            SELECT known.embedding FROM interestream.item_vectors AS known
            WHERE known.space_id = p_space AND known.item_id = best.item_id
            OFFSET 0
        ) AS vectors
    )

    SELECT
        named.topic, sum(named.interactions)::bigint, sum(named.expected),
        (sum(named.interactions) - sum(named.expected)) / sqrt(sum(named.expected) + 1)
    FROM named
    WHERE named.topic IS NOT NULL
    GROUP BY named.topic;
END;
$$;

COMMENT ON FUNCTION interestream.topic_rises IS
'How much named topics rise: interactions of the 500 most popular items of a horizon (the one below a week, else the shortest), by their nearest_topic(); expected, by what they had before in the next longer horizon; rise, by how many standard deviations the former exceed the latter. No rows while the job has not counted.';

GRANT EXECUTE ON FUNCTION interestream.topic_rises TO interestream_reader, interestream_admin;
