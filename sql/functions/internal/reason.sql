CREATE OR REPLACE FUNCTION interestream.reason(p_source text, p_title text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT coalesce(
        (
            -- The title last: one that has {name} in it stays as it is.
            SELECT replace(
                replace(
                    CASE WHEN p_title IS NULL THEN t.text ELSE coalesce(t.text_with_title, t.text) END,
                    '{name}', regexp_replace(p_source, '^popular_', '')
                ), '{title}', coalesce(p_title, '')
            )
            FROM interestream.asked_languages() AS l
            CROSS JOIN LATERAL (
                VALUES (p_source, 1), (CASE WHEN p_source LIKE 'popular\_%' THEN 'popular' ELSE 'window' END, 2)
            ) AS s (source, place)
            JOIN interestream.reason_texts AS t ON t.language = l.language AND t.source = s.source
            -- A sentence for the source itself goes before one in the language that was asked for.
            ORDER BY s.place, l.place
            LIMIT 1
        ), p_source
    )
$$;

COMMENT ON FUNCTION interestream.reason IS
'One sentence for a person: why a row with this source is shown, with the title of an item they know where there is one. It is in the first of the languages of the setting interestream.language that has it (SET interestream.language = ''de,zh''; a tag such as zh-CN looks for zh as well), or else in English, by the rows of reason_texts.';

GRANT EXECUTE ON FUNCTION interestream.reason TO interestream_reader, interestream_admin;
