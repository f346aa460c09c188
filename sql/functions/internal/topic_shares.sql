CREATE OR REPLACE FUNCTION interestream.topic_shares(
    p_vector halfvec,
    p_k integer,
    p_space integer
) RETURNS TABLE (
    rank integer,
    topic text,
    share real,
    cosine real
)
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
    WITH cosines AS (
        SELECT t.topic, -(t.embedding <#> p_vector) AS cosine
        FROM interestream.topic_vectors AS t
        WHERE t.space_id = p_space
        UNION ALL
        SELECT NULL, s.value FROM interestream.topic_settings AS s WHERE s.setting = 'other_cosine'
    ),

    weighed AS (
        SELECT
            l.topic,
            l.cosine,
            -- The largest cosine is subtracted, so that no exponent overflows.
            exp((l.cosine - max(l.cosine) OVER ()) / coalesce(
                (SELECT s.value FROM interestream.topic_settings AS s WHERE s.setting = 'temperature'), 0.05
            )) AS weight
        FROM cosines AS l
    ),

    shared AS (
        SELECT w.topic, w.cosine, w.weight / sum(w.weight) OVER () AS share FROM weighed AS w
    ),

    named AS (
        SELECT
            (row_number() OVER (ORDER BY s.cosine DESC, s.topic))::integer AS rank,
            s.topic,
            s.share,
            s.cosine
        FROM shared AS s
        WHERE s.topic IS NOT NULL
        ORDER BY 1
        LIMIT p_k
    )

    SELECT n.rank, n.topic, n.share::real, n.cosine::real FROM named AS n WHERE p_vector IS NOT NULL
    UNION ALL
    SELECT (count(*) + 1)::integer, 'other', greatest(1 - coalesce(sum(n.share), 0), 0)::real, NULL
    FROM named AS n
    HAVING p_vector IS NOT NULL
    ORDER BY 1
$$;

COMMENT ON FUNCTION interestream.topic_shares IS
'The p_k named topics nearest to a vector of the space, nearest first, with their shares: exp(cosine / temperature) of each, divided by the sum over all topics and other_cosine (interestream.topic_settings; without rows there the temperature is 0.05, and other_cosine adds nothing to the sum). The last row, other, has the rest, so that the shares add up to 1. No rows for a null vector.';

GRANT EXECUTE ON FUNCTION interestream.topic_shares TO interestream_reader, interestream_admin;
