-- Scores the candidates of each user, picks p_k of them, and gives the reason for each pick.
CREATE OR REPLACE FUNCTION interestream.recommend_batch(
    p_users text[],
    p_k integer,
    p_space integer,
    p_diversity double precision,
    p_filter interestream.item_filter,
    p_exclude text[],
    p_explore double precision DEFAULT 0,
    p_weights jsonb DEFAULT NULL
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
-- Look-ups by key, whatever the statistics say: see candidates().
SET plan_cache_mode = force_generic_plan
SET work_mem = '64MB'
SET jit = off
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET max_parallel_workers_per_gather = 0
AS $$
DECLARE
    c_diverse_ranks constant integer := 50;       -- ranks beyond are filled by score alone
    c_others constant integer := 20;              -- results of each search beyond the rows asked for
    c_interests constant integer := 3;            -- read of each user for the reason: the strongest
    c_medoid_share constant real := 0.1;          -- an interest with a smaller share of the weight is not read
    c_explore constant double precision := 15;    -- times p_explore is added for an item that nobody has liked yet
    v_few real[];                                 -- weights of the features for users who liked few items
    v_many real[];
    v_likely_few double precision := interestream.likely_candidate(p_space, 'few');
    v_likely_many double precision := interestream.likely_candidate(p_space, 'many');
    v_blend_weight real;
    v_interest_weight real;
    v_dislike_weight real;
    v_popularity_weight real;
    v_explore double precision := c_explore * p_explore;
    v_sources text[] := interestream.ranking_sources(p_space);
    v_neighbors_bought integer := array_position(v_sources, 'neighbors_bought');
    v_text_bought integer := array_position(v_sources, 'text_bought');
    v_sequence integer := array_position(v_sources, 'sequence');
BEGIN
    SELECT
        coalesce(max(weights.weight) FILTER (WHERE weights.part = 'blend'), 0),
        coalesce(max(weights.weight) FILTER (WHERE weights.part = 'interest'), 0),
        coalesce(max(weights.weight) FILTER (WHERE weights.part = 'dislike'), 0),
        coalesce(max(weights.weight) FILTER (WHERE weights.part = 'popularity'), 0)
    INTO v_blend_weight, v_interest_weight, v_dislike_weight, v_popularity_weight
    FROM interestream.score_weights AS weights;
    v_few := (interestream.ranking_weights(p_space, 'few', p_weights)).weights;
    v_many := (interestream.ranking_weights(p_space, 'many', p_weights)).weights;

    RETURN QUERY
    WITH scored AS MATERIALIZED (
        SELECT
            found.*,
            learned.score AS learned,
            (learned.score + v_explore * (found.features::real[])[6])::real AS score
        FROM interestream.candidates(
            p_users, interestream.list_size(p_k) + c_others, p_space, p_filter, p_exclude,
            p_weights => p_weights
        ) AS found
        CROSS JOIN LATERAL (
            SELECT -(found.features <#> (CASE found.segment WHEN 'few' THEN v_few ELSE v_many END)::vector) AS score
        ) AS learned
    ),

    ranked AS MATERIALIZED (
        SELECT
            scored.user_number,
            max(scored.segment) AS segment,
            CASE max(scored.segment) WHEN 'few' THEN v_few ELSE v_many END AS weights,
            -- The logarithm of the chance that the next item is any candidate, over the sum of all e to the score.
            ln(CASE max(scored.segment) WHEN 'few' THEN v_likely_few ELSE v_likely_many END)
            - ln(sum(exp(greatest(scored.learned - scored.best, -60)))) - max(scored.best) AS chance,
            array_agg(scored.item_id ORDER BY scored.score DESC, scored.item_id) AS ids,
            array_agg(scored.embedding ORDER BY scored.score DESC, scored.item_id) AS vectors,
            array_agg(scored.learned ORDER BY scored.score DESC, scored.item_id) AS learned,
            array_agg(scored.score ORDER BY scored.score DESC, scored.item_id) AS scores,
            array_agg(scored.blend ORDER BY scored.score DESC, scored.item_id) AS blends,
            array_agg(scored.interest ORDER BY scored.score DESC, scored.item_id) AS interests,
            array_agg(scored.dislike ORDER BY scored.score DESC, scored.item_id) AS dislikes,
            array_agg(scored.popularity ORDER BY scored.score DESC, scored.item_id) AS popularities,
            array_agg(scored.liked_item_id ORDER BY scored.score DESC, scored.item_id) AS liked_item_ids,
            array_agg(scored.features ORDER BY scored.score DESC, scored.item_id) AS features
        FROM (
            SELECT
                scored.*, max(scored.learned) OVER (PARTITION BY scored.user_number) AS best, row_number() OVER (
                    PARTITION BY scored.user_number, coalesce(scored.representative, scored.item_id)
                    ORDER BY scored.score DESC, scored.item_id
                ) AS place
            FROM scored
        ) AS scored
        -- Of a group its best one alone is left.
        WHERE scored.place = 1
        GROUP BY scored.user_number
    ),

    picked AS MATERIALIZED (
        SELECT
            ranked.user_number,
            ranked.segment,
            ranked.weights::double precision[] AS weights,
            exp(greatest(ranked.chance + ranked.learned[picks.index], -60)) AS chance,
            picks.rank,
            ranked.ids[picks.index] AS item_id,
            ranked.vectors[picks.index] AS embedding,
            ranked.scores[picks.index] AS score,
            ranked.blends[picks.index] AS blend,
            ranked.interests[picks.index] AS interest,
            ranked.dislikes[picks.index] AS dislike,
            ranked.popularities[picks.index] AS popularity,
            ranked.liked_item_ids[picks.index] AS liked_item_id,
            ranked.features[picks.index]::real[]::double precision[] AS features
        FROM ranked
        CROSS JOIN LATERAL unnest(interestream.diverse(
            ranked.vectors,
            -- In units of a cosine, as the similarities that scores are weighed against.
            ARRAY(
                SELECT (scores.score::double precision / greatest(ranked.weights[1], 1))::real
                FROM unnest(ranked.scores) WITH ORDINALITY AS scores (score, place)
                ORDER BY scores.place
            ),
            p_k, p_diversity, c_diverse_ranks
        )) WITH ORDINALITY AS picks (index, rank)
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
        SELECT users.number, 'interest', medoids.item_id, medoids.embedding
        FROM unnest(p_users) WITH ORDINALITY AS users (user_id, number)
        CROSS JOIN generate_series(1, c_interests) AS interests (number)
        CROSS JOIN LATERAL (
            SELECT known.interest_items[interests.number] AS item_id
            FROM interestream.users AS known
            WHERE known.space_id = p_space AND known.user_id = users.user_id
                AND known.interest_weights[interests.number] >= c_medoid_share
            OFFSET 0
        ) AS named
        CROSS JOIN LATERAL (
            SELECT vectors.item_id, vectors.embedding
            FROM interestream.item_vectors AS vectors
            WHERE vectors.space_id = p_space AND vectors.item_id = named.item_id
            OFFSET 0
        ) AS medoids
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
            'chance', round(picked.chance::numeric, 6),
            -- What was added up to the score.
            'score', jsonb_build_object(
                'text', round(added.text::numeric, 4),
                'dislike', round(added.dislike::numeric, 4),
                'neighbors', round(added.neighbors::numeric, 4),
                'popular', round(added.popular::numeric, 4),
                'new', round(added.new::numeric, 4),
                'shown', round(added.shown::numeric, 4)
            ) || CASE WHEN picked.features[v_sequence] = 0 THEN '{}'::jsonb ELSE jsonb_build_object(
                'sequence', round(added.sequence::numeric, 4)
            ) END,
            'segment', picked.segment
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
        SELECT
            sum(horizons.part) AS score,
            (array_agg(horizons.source ORDER BY horizons.part DESC, horizons.source))[1] AS source
        FROM (
            SELECT each.source, picked.weights[each.place] * picked.features[each.place] AS part
            FROM unnest(v_sources) WITH ORDINALITY AS each (source, place)
            WHERE each.source LIKE 'popular\_%'
        ) AS horizons
    ) AS popular
    CROSS JOIN LATERAL (
        SELECT
            picked.weights[1] * (v_blend_weight * picked.blend + v_interest_weight * picked.interest)
            + picked.weights[2] * picked.features[2]
            + picked.weights[v_text_bought] * picked.features[v_text_bought] AS text,
            -picked.weights[1] * v_dislike_weight * picked.dislike AS dislike,
            picked.weights[3] * picked.features[3] + picked.weights[4] * picked.features[4]
            + picked.weights[5] * picked.features[5]
            + picked.weights[v_neighbors_bought] * picked.features[v_neighbors_bought] AS neighbors,
            coalesce(popular.score, 0) + picked.weights[1] * v_popularity_weight * picked.popularity AS popular,
            (picked.weights[6] + v_explore) * picked.features[6] + picked.weights[7] * picked.features[7]
            + picked.weights[8] * picked.features[8] AS new,
            picked.weights[9] * picked.features[9] AS shown,
            picked.weights[v_sequence] * picked.features[v_sequence] AS sequence
    ) AS added
    -- The source that adds most gives the reason; an item that nobody has liked is new wherever its text brings it.
    CROSS JOIN LATERAL (
        SELECT own.source, own.item_id, own.of_text
        FROM (
            VALUES
            (greatest(added.text, 0), 1, nearest.source, nearest.source_item_id, true),
            (added.neighbors, 2, 'neighbor', picked.liked_item_id, false),
            (coalesce(popular.score, 0), 3, popular.source, NULL, false),
            (added.sequence, 4, 'sequence', NULL, true),
            (
                CASE WHEN picked.features[6] > 0 THEN added.text + greatest(added.new, 0) ELSE added.new END,
                0, CASE WHEN picked.features[6] > 0 OR added.new > 0 THEN 'new' END, NULL, true
            )
        ) AS own (part, place, source, item_id, of_text)
        WHERE own.source IS NOT NULL
        ORDER BY own.part DESC, own.place
        LIMIT 1
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
'recommend() for some users at once: the rows of those with a vector in the space, by user as given and rank from 1: the candidates() by the sum of their features times ranking_weights(), made diverse(). p_explore: 15 times this is added for an item that nobody has liked yet, as if its chance were e to this of what is learned. p_weights as for ranking_weights(). May give a user fewer than p_k rows: what has no vector is left to recommend_cold(). All arguments are taken as checked.';

GRANT EXECUTE ON FUNCTION interestream.recommend_batch TO interestream_reader, interestream_admin;
