CREATE OR REPLACE FUNCTION interestream.each_attribute(p_attributes jsonb) RETURNS jsonb[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT array_agg(jsonb_build_object(named.key, told.value) ORDER BY named.key, told.place)
    FROM jsonb_each(p_attributes) AS named
    CROSS JOIN LATERAL jsonb_array_elements(
        CASE WHEN jsonb_typeof(named.value) = 'array' THEN named.value ELSE jsonb_build_array(named.value) END
    ) WITH ORDINALITY AS given (value, number)
    -- An item has a value by itself, or in a list.
    CROSS JOIN LATERAL (
        VALUES (2 * given.number, given.value), (2 * given.number + 1, jsonb_build_array(given.value))
    ) AS told (place, value)
$$;

COMMENT ON FUNCTION interestream.each_attribute IS
'For an object of names and values (or lists of values): an object for each name and value, and one for the name with a list of the value. What contains any of them has the value. Null for none.';

GRANT EXECUTE ON FUNCTION interestream.each_attribute TO interestream_reader, interestream_admin;
