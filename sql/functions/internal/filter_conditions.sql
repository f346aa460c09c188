CREATE OR REPLACE FUNCTION interestream.filter_conditions(p_filter interestream.item_filter)
RETURNS TABLE (place integer, condition text, single interestream.item_filter)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 5
AS $$
DECLARE
    c_bounds constant jsonb := '{"min": "from", "above": "above", "max": "up to", "below": "below"}';
    v_name text;
    v_value jsonb;
BEGIN
    place := 0;
    IF p_filter.categories IS NOT NULL THEN
        place := place + 1;
        condition := 'category ' || array_to_string(p_filter.categories, ' or ');
        single := interestream.item_filter(p_categories => p_filter.categories);
        RETURN NEXT;
    END IF;
    IF p_filter.types IS NOT NULL THEN
        place := place + 1;
        condition := 'type ' || array_to_string(p_filter.types, ' or ');
        single := interestream.item_filter(p_types => p_filter.types);
        RETURN NEXT;
    END IF;
    IF p_filter.languages IS NOT NULL THEN
        place := place + 1;
        condition := 'language ' || array_to_string(p_filter.languages, ' or ');
        single := interestream.item_filter(p_languages => p_filter.languages);
        RETURN NEXT;
    END IF;
    IF p_filter.published_after IS NOT NULL THEN
        place := place + 1;
        condition := 'published from ' || p_filter.published_after || ' on';
        single := interestream.item_filter(p_published_after => p_filter.published_after);
        RETURN NEXT;
    END IF;
    IF p_filter.published_before IS NOT NULL THEN
        place := place + 1;
        condition := 'published before ' || p_filter.published_before;
        single := interestream.item_filter(p_published_before => p_filter.published_before);
        RETURN NEXT;
    END IF;
    FOR v_name, v_value IN SELECT each.key, each.value FROM jsonb_each(p_filter.attributes) AS each LOOP
        place := place + 1;
        condition := v_name || ' ' || (p_filter.attributes ->> v_name);
        single := interestream.item_filter(p_attributes => jsonb_build_object(v_name, v_value));
        RETURN NEXT;
    END LOOP;
    FOR v_name, v_value IN SELECT each.key, each.value FROM jsonb_each(p_filter.ranges) AS each LOOP
        place := place + 1;
        condition := v_name || ' ' || (
            SELECT string_agg(
                (c_bounds ->> bounds.key) || ' ' || trim_scale((bounds.value #>> '{}')::numeric), ' and '
                ORDER BY told.place
            )
            FROM unnest(ARRAY['min', 'above', 'max', 'below']) WITH ORDINALITY AS told (key, place)
            JOIN jsonb_each(v_value) AS bounds ON bounds.key = told.key
        );
        single := interestream.item_filter(p_ranges => jsonb_build_object(v_name, v_value));
        RETURN NEXT;
    END LOOP;
    IF p_filter.not_categories IS NOT NULL THEN
        place := place + 1;
        condition := 'not in category ' || array_to_string(p_filter.not_categories, ' or ');
        single := interestream.item_filter(p_not_categories => p_filter.not_categories);
        RETURN NEXT;
    END IF;
    IF p_filter.not_types IS NOT NULL THEN
        place := place + 1;
        condition := 'not of type ' || array_to_string(p_filter.not_types, ' or ');
        single := interestream.item_filter(p_not_types => p_filter.not_types);
        RETURN NEXT;
    END IF;
    FOR v_name, v_value IN SELECT each.key, each.value FROM jsonb_each(p_filter.not_attributes) AS each LOOP
        single := interestream.item_filter(p_not_attributes => jsonb_build_object(v_name, v_value));
        CONTINUE WHEN single IS NULL;
        place := place + 1;
        condition := 'not ' || v_name || ' ' || CASE
            WHEN jsonb_typeof(v_value) = 'array' THEN
                (SELECT string_agg(given.value, ' or ') FROM jsonb_array_elements_text(v_value) AS given)
            ELSE p_filter.not_attributes ->> v_name
        END;
        RETURN NEXT;
    END LOOP;
    IF p_filter.not_words IS NOT NULL THEN
        place := place + 1;
        condition := 'without the word ' || array_to_string(p_filter.not_words, ' or ');
        single := interestream.item_filter(p_not_words => p_filter.not_words);
        RETURN NEXT;
    END IF;
END;
$$;

COMMENT ON FUNCTION interestream.filter_conditions IS
'What p_filter asks for, one condition after another: in words, and as a filter of its own. No rows for a filter that filters nothing.';

GRANT EXECUTE ON FUNCTION interestream.filter_conditions TO interestream_reader, interestream_admin;
