CREATE OR REPLACE FUNCTION interestream.learned(p_space integer DEFAULT NULL)
RETURNS TABLE (segment text, questions bigint, found real, words text, weights jsonb)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    v_space integer := interestream.chosen_space(p_space);
BEGIN
    RETURN QUERY
    WITH named AS (
        SELECT segments.*
        FROM (
            VALUES
            ('none', 1, 'users who have liked nothing yet'),
            ('few', 2, 'users who liked up to 4 items'),
            ('many', 3, 'users who liked 5 items and more')
        ) AS segments (segment, place, people)
    ),

    ranking AS (
        SELECT
            named.segment, each.source, each.weight,
            CASE
                WHEN each.source LIKE 'text%' THEN 'texts like those of what they liked'
                WHEN each.source LIKE 'neighbors%' THEN 'what others liked next'
                WHEN each.source LIKE 'popular\_%' THEN 'what is popular'
                WHEN each.source = 'shown' THEN 'what was shown and not touched'
                WHEN each.source = 'sequence' THEN 'what the sequence model expects next'
                ELSE 'what is new'
            END AS kind,
            CASE each.source
                WHEN 'popular_hour' THEN 'within an hour'
                WHEN 'popular_six_hours' THEN 'within six hours'
                WHEN 'popular_day' THEN 'today'
                WHEN 'popular_week' THEN 'this week'
                WHEN 'popular_month' THEN 'this month'
                WHEN 'popular_all' THEN 'at all times'
                ELSE substr(each.source, 9)
            END AS horizon
        FROM named
        CROSS JOIN LATERAL interestream.ranking_weights(v_space, named.segment) AS own
        CROSS JOIN LATERAL unnest(own.sources, own.weights) AS each (source, weight)
        JOIN interestream.source_weights AS fixed ON fixed.segment = named.segment AND fixed.source = each.source
        WHERE each.source <> 'sequence' OR EXISTS (
            SELECT FROM interestream.spaces AS m WHERE m.of_space = v_space AND m.serving
        )
    ),

    kinds AS (
        SELECT
            ranking.segment, ranking.kind, sum(ranking.weight) AS weight,
            -- An item may be popular at all horizons, so the kind weighs their sum: the strongest one is told apart.
            CASE WHEN ranking.kind = 'what is popular' THEN
                ' in all, above all ' || (array_agg(ranking.horizon ORDER BY ranking.weight DESC, ranking.source))[1]
                || ': ' || round(max(ranking.weight)::numeric, 1)
            ELSE '' END AS above_all
        FROM ranking
        GROUP BY ranking.segment, ranking.kind
    ),

    ordered AS (
        SELECT
            kinds.segment,
            array_agg(
                kinds.kind || ' (' || round(kinds.weight::numeric, 1) || kinds.above_all || ')'
                ORDER BY kinds.weight DESC, kinds.kind
            ) AS phrases
        FROM kinds
        WHERE kinds.weight > 0
        GROUP BY kinds.segment
    )

    SELECT
        named.segment,
        coalesce(known.steps, 0),
        CASE WHEN known.steps > 0 AND known.asked > 0 THEN (known.found / known.asked)::real END,
        'For ' || named.people || ', '
        || coalesce(
            'what counts most is ' || ordered.phrases[1]
            || coalesce(', then ' || nullif(array_to_string(ordered.phrases[2:], ', then '), ''), ''),
            'nothing counts'
        ) || '.',
        (
            SELECT jsonb_object_agg(ranking.source, round(ranking.weight::numeric, 3))
            FROM ranking
            WHERE ranking.segment = named.segment
        )
    FROM named
    LEFT JOIN ordered ON ordered.segment = named.segment
    LEFT JOIN interestream.learning AS known ON known.space_id = v_space AND known.segment = named.segment
    ORDER BY named.place;
END;
$$;

COMMENT ON FUNCTION interestream.learned IS
'What counts in the score of recommend(), by segment of users: in words, most first, each kind with the weight that an item of it may reach, popularity also with that of its strongest horizon; and weights of every source, what is learned included. questions: how many the job has learned from; found: the share of the latest questions whose answer was among the candidates, null before the first one learned from. Errors: undefined_object.';

GRANT EXECUTE ON FUNCTION interestream.learned TO interestream_reader, interestream_admin;
