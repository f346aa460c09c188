CREATE OR REPLACE FUNCTION interestream.refused_text(
    p_text text, p_words text[], p_absences text[]
) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    v_text text := ' ' || lower(p_text) || ' ';
    v_word text;
    v_absence text;
    v_pattern text;
BEGIN
    FOREACH v_word IN ARRAY coalesce(p_words, '{}') LOOP
        v_word := lower(v_word);
        CONTINUE WHEN v_word = '' OR strpos(v_text, split_part(v_word, ' ', 1)) = 0;
        -- Between letters of an alphabet a word has borders, and it may be in the plural.
        v_pattern := regexp_replace(v_word, '([][.*+?(){}|^$\\])', '\\\1', 'g');
        v_pattern := replace(v_pattern, ' ', '[ -]+');
        IF v_word ~ '^[[:ascii:]\u00C0-\u024F]*$' THEN
            v_pattern := v_pattern || '(e?s)?';
            FOREACH v_absence IN ARRAY coalesce(p_absences, '{}') LOOP
                v_text := regexp_replace(v_text, '\m' || replace(lower(v_absence), '{}', v_pattern) || '\M', ' ', 'g');
            END LOOP;
            v_pattern := '\m' || v_pattern || '\M';
        ELSE
            FOREACH v_absence IN ARRAY coalesce(p_absences, '{}') LOOP
                v_text := regexp_replace(v_text, replace(lower(v_absence), '{}', v_pattern), ' ', 'g');
            END LOOP;
        END IF;
        IF v_text ~ v_pattern THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END;
$$;

COMMENT ON FUNCTION interestream.refused_text IS
'Whether p_text says one of p_words, in the singular or the plural, other than to say that it does without: p_absences are phrases with {} in the place of the word, {}-free. A null text says nothing.';

GRANT EXECUTE ON FUNCTION interestream.refused_text TO interestream_reader, interestream_admin;
