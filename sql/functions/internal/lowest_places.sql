CREATE OR REPLACE FUNCTION interestream.lowest_places(p_places int4multirange, p_count integer) RETURNS int4multirange
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(
        range_agg(int4range(lower(each.places), least(upper(each.places), lower(each.places) + each.left))),
        '{}'
    )
    FROM (
        SELECT
            own.places,
            p_count - (
                sum(upper(own.places) - lower(own.places)) OVER (ORDER BY own.places)
                - (upper(own.places) - lower(own.places))
            )::integer AS left
        FROM unnest(p_places) AS own (places)
    ) AS each
    WHERE each.left > 0
$$;

COMMENT ON FUNCTION interestream.lowest_places IS
'The p_count lowest of p_places, or all where there are fewer.';

GRANT EXECUTE ON FUNCTION interestream.lowest_places TO interestream_admin;
