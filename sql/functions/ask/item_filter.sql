CREATE OR REPLACE FUNCTION interestream.item_filter(
    p_categories text[] DEFAULT NULL,
    p_languages text[] DEFAULT NULL,
    p_attributes jsonb DEFAULT NULL,
    p_published_after timestamptz DEFAULT NULL,
    p_published_before timestamptz DEFAULT NULL,
    p_ranges jsonb DEFAULT NULL,
    p_types text[] DEFAULT NULL,
    p_not_categories text[] DEFAULT NULL,
    p_not_words text[] DEFAULT NULL,
    p_not_attributes jsonb DEFAULT NULL,
    p_not_types text[] DEFAULT NULL
) RETURNS interestream.item_filter
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    v_filter interestream.item_filter;
BEGIN
    IF jsonb_typeof(p_attributes) <> 'object' THEN
        RAISE EXCEPTION 'attributes cannot be compared with a JSON %', jsonb_typeof(p_attributes)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give an object, {"format": "paperback"}.';
    END IF;
    IF jsonb_typeof(p_not_attributes) <> 'object' THEN
        RAISE EXCEPTION 'attributes to leave out cannot be a JSON %', jsonb_typeof(p_not_attributes)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give an object, {"format": ["paperback", "audio"]}.';
    END IF;
    IF p_published_after >= p_published_before THEN
        RAISE EXCEPTION 'nothing is published after % and before %', p_published_after, p_published_before
            USING ERRCODE = 'invalid_parameter_value', HINT = 'p_published_after must be the earlier time.';
    END IF;
    v_filter.categories := nullif(p_categories, '{}');
    v_filter.languages := nullif(p_languages, '{}');
    v_filter.attributes := nullif(p_attributes, '{}');
    v_filter.published_after := p_published_after;
    v_filter.published_before := p_published_before;
    v_filter.in_ranges := interestream.range_path(p_ranges);
    v_filter.ranges := nullif(p_ranges, '{}');
    v_filter.types := nullif(p_types, '{}');
    v_filter.not_categories := nullif(p_not_categories, '{}');
    v_filter.not_words := nullif(p_not_words, '{}');
    v_filter.no_word := interestream.word_pattern(p_not_words);
    v_filter.no_attribute := interestream.each_attribute(p_not_attributes);
    v_filter.not_attributes := CASE WHEN v_filter.no_attribute IS NOT NULL THEN p_not_attributes END;
    v_filter.not_types := nullif(p_not_types, '{}');
    RETURN v_filter;
END;
$$;

COMMENT ON FUNCTION interestream.item_filter IS
'A filter for p_filter of recommend() and the others: items with at least one of p_categories, in one of p_languages, whose attributes contain p_attributes, published at p_published_after or later and before p_published_before, with attributes that are numbers within p_ranges ({"price": {"min": 5, "below": 20}}: min and max include the bound, above and below do not), of one of p_types (item_type()); and with none of p_not_categories, none of p_not_words in title or text (whole words or phrases, in upper or lower case), none of the attributes p_not_attributes ({"format": ["paperback", "audio"]}: neither value), of none of p_not_types. A null or empty field does not filter; an item must meet all others. Error invalid_parameter_value for JSON of another form, a range that no number is in, and an empty word.';

GRANT EXECUTE ON FUNCTION interestream.item_filter TO interestream_reader, interestream_admin;
