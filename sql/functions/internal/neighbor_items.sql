CREATE OR REPLACE FUNCTION interestream.neighbor_items(
    p_space integer,
    p_user text,
    p_limit integer,
    p_filter interestream.item_filter DEFAULT NULL,
    p_exclude text[] DEFAULT NULL
) RETURNS TABLE (
    item_id text, strength double precision, liked_item_id text, last_strength double precision,
    bought_strength double precision
)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
SET search_path FROM CURRENT
-- Look-ups by key, whatever the statistics say: see recommend_batch().
SET plan_cache_mode = force_generic_plan
SET jit = off
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    c_last constant integer := 20;                         -- liked items that are asked for their neighbours
    c_half_life constant double precision := 3;            -- liked items after which one counts half
    c_common constant double precision := -0.5;            -- exponent of the interactions of a liked item
    c_popular constant double precision := -0.25;          -- exponent of the interactions of a neighbour
    c_considered constant integer := 2;                    -- times p_limit neighbours are looked up without a filter
    v_mask bigint := interestream.seen_mask();
    v_repeats boolean := interestream.has_repeat_rules();
BEGIN
    RETURN QUERY
    WITH rules AS MATERIALIZED (
        SELECT
            liked.item_id AS liked_item_id, liked.place, liked.bought, rules.neighbor_ids, rules.strengths,
            rules.as_of, rules.half_life_s,
            power(2, -(liked.place - 1) / c_half_life) * power(rules.interactions, c_common) AS factor
        FROM interestream.last_liked(p_user, c_last) WITH ORDINALITY AS liked (item_id, last_at, bought, place)
        CROSS JOIN LATERAL (
            SELECT known.neighbor_ids, known.strengths, known.interactions, known.as_of, known.half_life_s
            FROM interestream.item_neighbors AS known
            WHERE known.space_id = p_space AND known.item_id = liked.item_id AND known.interactions > 0
            OFFSET 0
        ) AS rules
    ),

    newest AS MATERIALIZED (
        SELECT max(rules.as_of) AS as_of FROM rules
    ),

    -- Once for each rule: for each of its neighbors it would take longer than all else here.
    decayed AS MATERIALIZED (
        SELECT
            rules.liked_item_id, rules.place, rules.bought, rules.neighbor_ids, rules.strengths,
            -- Strengths halve with time, the root of the interactions half as much: the root of the decay is left.
            rules.factor * power(
                2, greatest(-date_part('epoch', newest.as_of - rules.as_of) / rules.half_life_s / 2, -200)
            ) AS factor
        FROM rules
        CROSS JOIN newest
    ),

    pairs AS (
        SELECT
            neighbors.item_id, decayed.liked_item_id, decayed.place, decayed.bought,
            neighbors.strength * decayed.factor AS strength
        FROM decayed
        CROSS JOIN LATERAL unnest(decayed.neighbor_ids, decayed.strengths) AS neighbors (item_id, strength)
    ),

    summed AS MATERIALIZED (
        SELECT
            pairs.item_id,
            sum(pairs.strength) AS strength,
            coalesce(sum(pairs.strength) FILTER (WHERE pairs.place = 1), 0) AS last_strength,
            coalesce(sum(pairs.strength) FILTER (WHERE pairs.bought), 0) AS bought_strength,
            (array_agg(pairs.liked_item_id ORDER BY pairs.strength DESC, pairs.liked_item_id))[1] AS liked_item_id
        FROM pairs
        WHERE p_exclude IS NULL OR pairs.item_id <> ALL(p_exclude)
        GROUP BY pairs.item_id
        ORDER BY 2 DESC, pairs.item_id
        -- Few may pass a filter, so all are looked up then.
        LIMIT CASE WHEN p_filter IS NULL THEN c_considered * p_limit END
    )

    SELECT
        summed.item_id,
        summed.strength * damping.factor,
        summed.liked_item_id,
        summed.last_strength * damping.factor,
        summed.bought_strength * damping.factor
    FROM summed
    CROSS JOIN newest
    CROSS JOIN LATERAL (
        SELECT known.interactions, known.as_of, known.half_life_s
        FROM interestream.item_neighbors AS known
        WHERE known.space_id = p_space AND known.item_id = summed.item_id
        OFFSET 0
    ) AS own
    CROSS JOIN LATERAL (
        SELECT power(
            greatest(own.interactions, 1e-3) * power(
                2, greatest(-date_part('epoch', newest.as_of - own.as_of) / own.half_life_s, -200)
            ),
            c_popular
        ) AS factor
    ) AS damping
    CROSS JOIN LATERAL (
        SELECT FROM interestream.items AS known
        WHERE known.item_id = summed.item_id AND interestream.passes_filter(known, p_filter)
            AND (
                known.representative IS NULL OR NOT interestream.seen_in_group(known.group_key, p_user, v_mask, v_repeats)
            )
        OFFSET 0
    ) AS passing
    WHERE NOT EXISTS (
        SELECT FROM interestream.user_items AS known
        WHERE known.user_id = p_user AND known.item_id = summed.item_id
            AND interestream.counts_as_seen(known, v_mask, v_repeats)
    )
    ORDER BY 2 DESC, summed.item_id
    LIMIT p_limit;
END;
$$;

COMMENT ON FUNCTION interestream.neighbor_items IS
'At most p_limit available items that p_user has neither seen nor disliked, nor another one of their group, strongest first: neighbours (item_neighbors) of the last 20 items that the user liked. strength: the sum over these items j, the newest at place r = 0, of 2^(-r/3) * n_j^-0.5 * strength(j, item), times n^-0.25 of the item, n being interactions, all decayed to one time. liked_item_id: the item whose share of the sum is largest; last_strength: the share of the newest of them; bought_strength: that of those that were bought.';

GRANT EXECUTE ON FUNCTION interestream.neighbor_items TO interestream_reader, interestream_writer, interestream_admin;
