CREATE OR REPLACE FUNCTION interestream.catalogue_words(
    p_rows integer DEFAULT 20000,
    p_values integer DEFAULT 50
) RETURNS TABLE (kind text, name text, value text, items bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    v_rows real := (SELECT c.reltuples FROM pg_class AS c WHERE c.oid = 'interestream.items'::regclass);
    v_percent real := CASE WHEN v_rows > p_rows THEN 100.0 * p_rows / v_rows ELSE 100 END;
BEGIN
    RETURN QUERY
    WITH sampled AS MATERIALIZED (
        SELECT i.categories, i.attributes
        FROM interestream.items AS i TABLESAMPLE SYSTEM (v_percent) REPEATABLE (1)
        WHERE i.available
        LIMIT 2 * p_rows
    ), pairs AS (
        SELECT a.key, jsonb_typeof(a.value) AS type, a.value #>> '{}' AS word, count(*) AS items
        FROM sampled AS s
        CROSS JOIN LATERAL jsonb_each(s.attributes) AS a
        WHERE jsonb_typeof(a.value) IN ('number', 'string')
        GROUP BY 1, 2, 3
    ), texts AS (
        -- A text that is another one for each item, such as an author, is no word of the catalogue.
        SELECT p.key FROM pairs AS p WHERE p.type = 'string' GROUP BY p.key HAVING count(*) <= p_values
    ), found AS (
        SELECT 'category' AS kind, c.category AS name, NULL AS value, count(*) AS items
        FROM sampled AS s
        CROSS JOIN LATERAL unnest(s.categories) AS c (category)
        GROUP BY c.category
        UNION ALL
        SELECT 'number', p.key, NULL, sum(p.items)::bigint FROM pairs AS p WHERE p.type = 'number' GROUP BY p.key
        UNION ALL
        SELECT 'text', p.key, p.word, p.items
        FROM pairs AS p
        WHERE p.type = 'string' AND p.key IN (SELECT t.key FROM texts AS t)
    )

    SELECT f.kind, f.name, f.value, f.items
    FROM found AS f
    ORDER BY f.kind, f.items DESC, f.name, f.value
    LIMIT 5000;
END;
$$;

COMMENT ON FUNCTION interestream.catalogue_words IS
'What the catalogue has names for, by how many of about p_rows sampled available items have it: kind is category (name), number (name is an attribute that is a number) or text (name and value of an attribute with at most p_values different texts). For requests in words, which filter by what they name.';

GRANT EXECUTE ON FUNCTION interestream.catalogue_words TO interestream_reader, interestream_admin;
