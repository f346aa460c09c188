CREATE OR REPLACE FUNCTION interestream.shown_often(
    p_shown_at timestamptz[],
    p_touched_at timestamptz,
    p_now timestamptz,
    p_until timestamptz DEFAULT NULL
) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    -- A number too small for its type is an error in Postgres: what is 60 half-lives old is as good as 0.
    SELECT coalesce(sum(own.part) / (3 + sum(own.part)), 0)
    FROM (
        SELECT power(
            2, -least(greatest(extract(EPOCH FROM p_now - times.shown_at)::double precision / 604800, 0), 60)
        ) AS part
        FROM unnest(p_shown_at) AS times (shown_at)
        WHERE times.shown_at > coalesce(p_touched_at, '-infinity') AND times.shown_at < coalesce(p_until, 'infinity')
    ) AS own
$$;

COMMENT ON FUNCTION interestream.shown_often IS
'The feature shown of an item for a user, 0 to 1, from shown_items.shown_at: n / (n + 3) with n impressions after p_touched_at, the last time when the user did something with the item (user_items.signal_at). An impression counts half as much every 7 days before p_now; those at p_until or later do not count.';

GRANT EXECUTE ON FUNCTION interestream.shown_often TO interestream_reader, interestream_writer, interestream_admin;
