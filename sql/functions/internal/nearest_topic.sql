CREATE OR REPLACE FUNCTION interestream.nearest_topic(p_vector halfvec, p_space integer) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
    SELECT t.topic
    FROM interestream.topic_vectors AS t
    WHERE
        t.space_id = p_space
        AND -(t.embedding <#> p_vector) >= coalesce(
            (SELECT s.value FROM interestream.topic_settings AS s WHERE s.setting = 'other_cosine'), -1
        )
    ORDER BY t.embedding <#> p_vector, t.topic
    LIMIT 1
$$;

COMMENT ON FUNCTION interestream.nearest_topic IS
'Name of the topic nearest to a vector of the space; null where none reaches other_cosine of interestream.topic_settings.';

GRANT EXECUTE ON FUNCTION interestream.nearest_topic TO interestream_reader, interestream_admin;
