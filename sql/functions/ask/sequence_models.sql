CREATE OR REPLACE FUNCTION interestream.sequence_models(p_space integer DEFAULT NULL)
RETURNS TABLE (
    model integer,
    bundle text,
    state text,
    trained_until timestamptz,
    questions bigint,
    at_first real,
    lately real,
    fallen boolean,
    words text
)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    c_enough constant bigint := 1000;    -- questions from which a fall is told
    c_fallen constant real := 0.8;       -- of what it was at first
    v_space integer := interestream.chosen_space(p_space);
    v_used integer := (
        SELECT max(m.space_id) FROM interestream.spaces AS m WHERE m.of_space = v_space AND m.serving
    );
BEGIN
    RETURN QUERY
    SELECT
        m.space_id,
        m.bundle_name || '@' || m.bundle_version,
        CASE WHEN m.space_id = v_used THEN 'in use' WHEN m.serving THEN 'before' ELSE 'not serving' END,
        m.trained_until,
        coalesce(q.questions, 0),
        q.at_first,
        q.lately,
        judged.fallen,
        CASE
            WHEN m.space_id IS DISTINCT FROM v_used THEN 'Not in use.'
            WHEN coalesce(q.questions, 0) < c_enough THEN 'In use; too few questions to tell whether it finds less than at first.'
            WHEN judged.fallen THEN
                'It finds less than at first (' || round(q.lately::numeric, 3) || ' of ' || round(q.at_first::numeric, 3)
                || '): what people do has changed, and training again pays.'
            ELSE 'It finds what it found at first (' || round(q.lately::numeric, 3) || ' of '
                || round(q.at_first::numeric, 3) || ').'
        END
    FROM interestream.spaces AS m
    LEFT JOIN interestream.sequence_quality AS q ON q.space_id = m.space_id
    CROSS JOIN LATERAL (
        SELECT coalesce(q.questions >= c_enough AND q.lately < c_fallen * q.at_first, false) AS fallen
    ) AS judged
    WHERE m.of_space = v_space
    ORDER BY m.space_id DESC;
END;
$$;

COMMENT ON FUNCTION interestream.sequence_models IS
'The sequence models of a space, newest first. state: in use, the newest that serves, whose vectors of users the job writes; before, one that serves users who have no vector in a newer one yet; not serving. questions, at_first and lately as in sequence_quality; fallen: whether it finds clearly less than at first; words: a sentence that says whether training again pays. Errors: undefined_object.';

GRANT EXECUTE ON FUNCTION interestream.sequence_models TO interestream_reader, interestream_admin;
