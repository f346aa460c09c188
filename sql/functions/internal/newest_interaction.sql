CREATE OR REPLACE FUNCTION interestream.newest_interaction() RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT coalesce(
        (SELECT max(u.last_at) FROM interestream.user_items AS u WHERE u.last_at <= now()),
        (SELECT min(u.last_at) FROM interestream.user_items AS u)
    )
$$;

COMMENT ON FUNCTION interestream.newest_interaction IS
'Time of the newest interaction that is not in the future; the earliest where all are; null where there is none. Stands for "now" while old data is replayed.';

GRANT EXECUTE ON FUNCTION interestream.newest_interaction TO interestream_reader, interestream_writer, interestream_admin;
