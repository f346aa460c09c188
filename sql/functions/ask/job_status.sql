CREATE OR REPLACE FUNCTION interestream.job_status(p_space integer DEFAULT NULL) RETURNS TABLE (
    space_id integer,
    stream text,
    buckets bigint,
    records_in bigint,
    applied bigint,
    duplicates bigint,
    dead_letters bigint,
    excluded bigint,
    waiting bigint,
    newest_commit timestamptz,
    oldest_commit timestamptz
)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    v_space integer := interestream.chosen_space(p_space);
BEGIN
    RETURN QUERY
    SELECT
        v_space,
        p.stream,
        count(*),
        sum(p.records_in)::bigint,
        sum(p.applied)::bigint,
        sum(p.duplicates)::bigint,
        sum(p.dead_letters)::bigint,
        sum(p.excluded)::bigint,
        sum(p.waiting + p.moved)::bigint,
        max(p.committed_at),
        min(p.committed_at)
    FROM interestream.job_progress AS p
    WHERE p.space_id = v_space
    GROUP BY p.stream
    ORDER BY p.stream;
END;
$$;

COMMENT ON FUNCTION interestream.job_status IS
'What the job has done in a space (null: the active one), one row per stream: counters added up over its buckets (records since the state began), and when the most and the least recently written bucket committed.';

GRANT EXECUTE ON FUNCTION interestream.job_status
TO interestream_reader, interestream_writer, interestream_admin;
