CREATE OR REPLACE FUNCTION interestream.asked_languages() RETURNS TABLE (language text, place numeric)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 4
AS $$
    SELECT l.language, l.place
    FROM string_to_table(
        replace(replace(lower(coalesce(current_setting('interestream.language', true), '')), '_', '-'), ' ', '') || ',en', ','
    ) WITH ORDINALITY AS asked (language, place)
    CROSS JOIN LATERAL (
        VALUES (asked.language, asked.place::numeric), (split_part(asked.language, '-', 1), asked.place + 0.5)
    ) AS l (language, place)
$$;

COMMENT ON FUNCTION interestream.asked_languages IS
'The languages of the setting interestream.language by place, the best first, in lower case: each tag, such as zh-cn, and behind it the language alone, zh. English is the last one.';

GRANT EXECUTE ON FUNCTION interestream.asked_languages TO interestream_reader, interestream_admin;
