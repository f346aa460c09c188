CREATE OR REPLACE FUNCTION interestream.explain_filter(p_filter interestream.item_filter DEFAULT NULL)
RETURNS TABLE (place integer, condition text, passing bigint, remaining bigint, available bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
SET jit = off
AS $$
DECLARE
    v_conditions text[];
    v_singles interestream.item_filter[];
BEGIN
    SELECT array_agg(each.condition ORDER BY each.place), array_agg(each.single ORDER BY each.place)
    INTO v_conditions, v_singles
    FROM interestream.filter_conditions(p_filter) AS each;
    RETURN QUERY
    WITH judged AS (
        -- For each item which conditions it meets.
        SELECT ARRAY(
            SELECT interestream.passes_filter(known, v_singles[each.number])
            FROM generate_series(1, cardinality(v_conditions)) AS each (number)
            ORDER BY each.number
        ) AS met
        FROM interestream.items AS known
        WHERE known.available
    ),

    -- Many items meet the same ones.
    counted AS (
        SELECT judged.met, count(*) AS items FROM judged GROUP BY judged.met
    )

    SELECT
        each.number::integer,
        each.words,
        coalesce(sum(counted.items) FILTER (WHERE counted.met[each.number]), 0)::bigint,
        coalesce(sum(counted.items) FILTER (WHERE NOT false = ANY(counted.met[:each.number])), 0)::bigint,
        coalesce(sum(counted.items), 0)::bigint
    FROM unnest(v_conditions) WITH ORDINALITY AS each (words, number)
    LEFT JOIN counted ON true
    GROUP BY each.number, each.words
    ORDER BY each.number;
END;
$$;

COMMENT ON FUNCTION interestream.explain_filter IS
'How many available items meet each condition of p_filter; what a user has seen does not count. condition, in words; passing, the items that meet it; remaining, those that meet it and all conditions before it; available, all items. No rows for a filter that filters nothing. It reads the whole catalogue.';

GRANT EXECUTE ON FUNCTION interestream.explain_filter TO interestream_reader, interestream_admin;
