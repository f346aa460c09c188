CREATE OR REPLACE FUNCTION interestream.topic_title(p_topic text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT coalesce(t.title, p_topic)
    FROM interestream.asked_languages() AS l
    LEFT JOIN interestream.topic_titles AS t ON t.language = l.language AND t.topic = p_topic
    -- The name counts as English, which is always among the languages.
    WHERE t.title IS NOT NULL OR l.language = 'en'
    ORDER BY l.place
    LIMIT 1
$$;

COMMENT ON FUNCTION interestream.topic_title IS
'What a person calls a topic (or the rest, other): its title in the first of the languages of the setting interestream.language that has one in topic_titles, or else its name, which counts as English. Null for null.';

GRANT EXECUTE ON FUNCTION interestream.topic_title TO interestream_reader, interestream_admin;
