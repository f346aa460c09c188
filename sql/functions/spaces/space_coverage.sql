CREATE OR REPLACE FUNCTION interestream.space_coverage(
    p_space integer,
    p_against integer DEFAULT NULL
) RETURNS TABLE (
    items bigint,
    items_covered bigint,
    users bigint,
    users_covered bigint,
    records bigint,
    records_behind bigint
)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    v_against integer := interestream.chosen_space(p_against);
BEGIN
    PERFORM interestream.space_dim(p_space);
    RETURN QUERY
    WITH progress AS (
        SELECT
            coalesce(sum(p.records_in) FILTER (WHERE p.space_id = v_against), 0) AS against,
            coalesce(sum(p.records_in) FILTER (WHERE p.space_id = p_space), 0) AS own
        FROM interestream.job_progress AS p
        WHERE p.space_id IN (p_space, v_against) AND p.stream IN ('events', 'items', 'control')
        GROUP BY p.stream
    ),

    vectors AS (
        SELECT count(*) AS items, count(n.item_id) AS items_covered
        FROM interestream.item_vectors AS v
        LEFT JOIN interestream.item_vectors AS n ON n.space_id = p_space AND n.item_id = v.item_id
        WHERE v.space_id = v_against
    ),

    people AS (
        SELECT count(*) AS users, count(n.user_id) AS users_covered
        FROM (SELECT DISTINCT w.user_id FROM interestream.user_windows AS w WHERE w.space_id = v_against) AS a
        LEFT JOIN (SELECT DISTINCT w.user_id FROM interestream.user_windows AS w WHERE w.space_id = p_space) AS n
            ON n.user_id = a.user_id
    )

    SELECT
        v.items, v.items_covered, u.users, u.users_covered,
        (SELECT coalesce(sum(p.against), 0)::bigint FROM progress AS p),
        (SELECT coalesce(sum(greatest(p.against - p.own, 0)), 0)::bigint FROM progress AS p)
    FROM vectors AS v
    CROSS JOIN people AS u;
END;
$$;

COMMENT ON FUNCTION interestream.space_coverage IS
'How much p_space has of what p_against (null: the active space) has. items, users: those with a vector in p_against; items_covered, users_covered: those of them with a vector in p_space, too; records: events, items and control commands that the job of p_against has read; records_behind: how many of them the job of p_space has yet to read, added up stream by stream. Reads all rows of both spaces. Error undefined_object when there is no such space.';

GRANT EXECUTE ON FUNCTION interestream.space_coverage TO interestream_reader, interestream_admin;
