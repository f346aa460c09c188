CREATE OR REPLACE FUNCTION interestream.says_word(
    p_text text, p_words text[], p_absences text[]
) RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    v_text text := ' ' || lower(coalesce(p_text, '')) || ' ';
    v_rest text;
    v_without boolean := false;
    v_word text;
    v_absence text;
    v_pattern text;
    v_start text;
    v_end text;
BEGIN
    FOREACH v_word IN ARRAY coalesce(p_words, '{}') LOOP
        v_word := trim(lower(v_word));
        CONTINUE WHEN v_word = '' OR strpos(v_text, split_part(v_word, ' ', 1)) = 0;
        v_pattern := replace(regexp_replace(v_word, '([].*+?(){}|^$\\[])', '\\\1', 'g'), ' ', '[ -]+');
        v_start := '';
        v_end := '';
        IF v_word ~ '^[\u0020-\u024F]*$' THEN
            -- Between letters of an alphabet a word has borders, and it may be in the plural.
            v_start := '(?<![[:alnum:]])';
            v_end := CASE WHEN v_word ~ '[[:alnum:]]$' THEN '(e?s)?(?![[:alnum:]])' ELSE '' END;
        END IF;
        FOREACH v_absence IN ARRAY coalesce(p_absences, '{}') LOOP
            v_rest := regexp_replace(
                v_text, v_start || replace(lower(v_absence), '{}', v_pattern || v_end) || CASE
                    WHEN v_start = '' THEN '' ELSE '(?![[:alnum:]])'
                END, ' ', 'g'
            );
            v_without := v_without OR v_rest <> v_text;
            v_text := v_rest;
        END LOOP;
        IF v_text ~ (v_start || v_pattern || v_end) THEN
            RETURN 1;
        END IF;
    END LOOP;
    RETURN CASE WHEN v_without THEN -1 ELSE 0 END;
END;
$$;

COMMENT ON FUNCTION interestream.says_word IS
'Whether p_text (null is empty) says one of p_words, in the singular or the plural: 1 says it, -1 says that it does without it, by one of p_absences (phrases with {} in the place of the word, such as {}-free), 0 neither.';

GRANT EXECUTE ON FUNCTION interestream.says_word TO interestream_reader, interestream_admin;
