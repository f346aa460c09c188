CREATE OR REPLACE FUNCTION interestream.no_item_passes(p_filter interestream.item_filter DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
SET jit = off
AS $$
DECLARE
    c_number constant text := 'FM999,999,999,999,990';
BEGIN
    IF EXISTS (SELECT FROM interestream.items AS known WHERE interestream.passes_filter(known, p_filter)) THEN
        RETURN NULL;
    END IF;
    RETURN (
        WITH conditions AS (
            SELECT each.*, lag(each.remaining) OVER (ORDER BY each.place) AS before, array_to_string(
                array_agg(each.condition) OVER (ORDER BY each.place ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW), ', '
            ) AS others
            FROM interestream.explain_filter(p_filter) AS each
        )

        SELECT CASE
            WHEN conditions.place IS NULL OR conditions.available = 0 THEN 'no item is available'
            WHEN conditions.passing = 0 THEN
                'no item passes: ' || conditions.condition || ' leaves 0 of ' || to_char(conditions.available, c_number)
            ELSE
                'no item passes: ' || conditions.others || ' leaves ' || to_char(conditions.before, c_number) || ' of '
                || to_char(conditions.available, c_number) || ', and ' || conditions.condition || ' none of these'
        END
        FROM (SELECT) AS always
        LEFT JOIN conditions ON conditions.remaining = 0
        -- Rather one that leaves nothing by itself.
        ORDER BY (conditions.passing = 0) DESC, conditions.place
        LIMIT 1
    );
END;
$$;

COMMENT ON FUNCTION interestream.no_item_passes IS
'One sentence when no available item passes p_filter: which condition leaves none, "no item passes: price below 5 leaves 0 of 9,742". Null where one passes.';

GRANT EXECUTE ON FUNCTION interestream.no_item_passes TO interestream_reader, interestream_admin;
