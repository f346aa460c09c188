CREATE OR REPLACE FUNCTION interestream.with_categories(
    p_filter interestream.item_filter, p_categories text[]
) RETURNS interestream.item_filter
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    IF cardinality(p_categories) > 0 THEN
        IF p_filter.categories IS NOT NULL THEN
            RAISE EXCEPTION 'categories are given twice'
                USING ERRCODE = 'invalid_parameter_value', HINT = 'Give p_categories or a p_filter with categories.';
        END IF;
        p_filter.categories := p_categories;
    END IF;
    RETURN p_filter;
END;
$$;

COMMENT ON FUNCTION interestream.with_categories IS
'p_filter (may be null) with the categories that a caller gave for short. Error invalid_parameter_value when it has categories already.';

GRANT EXECUTE ON FUNCTION interestream.with_categories TO interestream_reader, interestream_admin;
