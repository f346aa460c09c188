CREATE OR REPLACE FUNCTION interestream.item_filter(
    p_categories text[] DEFAULT NULL,
    p_languages text[] DEFAULT NULL,
    p_attributes jsonb DEFAULT NULL,
    p_published_after timestamptz DEFAULT NULL
) RETURNS interestream.item_filter
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    IF jsonb_typeof(p_attributes) <> 'object' THEN
        RAISE EXCEPTION 'attributes cannot be compared with a JSON %', jsonb_typeof(p_attributes)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give an object, {"format": "paperback"}.';
    END IF;
    RETURN ROW(
        nullif(p_categories, '{}'), nullif(p_languages, '{}'), nullif(p_attributes, '{}'), p_published_after
    )::interestream.item_filter;
END;
$$;

COMMENT ON FUNCTION interestream.item_filter IS
'A filter for p_filter of recommend() and the others: items with at least one of p_categories, in one of p_languages, whose attributes contain p_attributes, published at p_published_after or later. A null or empty field does not filter; an item must meet all others. Error invalid_parameter_value when p_attributes is no JSON object.';

GRANT EXECUTE ON FUNCTION interestream.item_filter TO interestream_reader, interestream_admin;
