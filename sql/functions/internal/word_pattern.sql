CREATE OR REPLACE FUNCTION interestream.word_pattern(p_words text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    -- Letters, digits and marks of all scripts, whatever the locale of the database: Unicode without its blocks of
    -- punctuation, symbols and pictures.
    c_within constant text := '0-9A-Za-z_ªµº\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u1FFF\u2C00-\u2DFF\u3005-\u3007\u3031-\uD7FF'
        '\uF900-\uFDFF\uFE70-\uFEFE\uFF10-\uFF19\uFF21-\uFF3A\uFF41-\uFF5A\uFF66-\uFFDC\U00010000-\U0001EFFF'
        '\U00020000-\U0003FFFF';
BEGIN
    IF EXISTS (SELECT FROM unnest(p_words) AS given (word) WHERE coalesce(given.word, '') !~ '\S') THEN
        RAISE EXCEPTION 'a word to leave out is empty'
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give words or phrases, {used,"second hand"}.';
    END IF;
    RETURN (
        SELECT '(^|[^' || c_within || '])(' || string_agg(
            -- What means something in a pattern stands for itself; any space within a phrase is like another.
            regexp_replace(
                regexp_replace(trim(lower(given.word), E' \t\r\n'), '([][\\.*+?^${}()|])', '\\\1', 'g'), '\s+', '\\s+', 'g'
            ), '|' ORDER BY given.place
        ) || ')($|[^' || c_within || '])'
        FROM unnest(p_words) WITH ORDINALITY AS given (word, place)
    );
END;
$$;

COMMENT ON FUNCTION interestream.word_pattern IS
'A regular expression for lower(text) that finds any of p_words (or phrases) where no letter or digit stands right before or after it. Null for no words. Error invalid_parameter_value for an empty word.';

GRANT EXECUTE ON FUNCTION interestream.word_pattern TO interestream_reader, interestream_admin;
