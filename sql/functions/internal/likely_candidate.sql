CREATE OR REPLACE FUNCTION interestream.likely_candidate(p_space integer, p_segment text)
RETURNS double precision
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    -- Before much is known, 0.4 counts as much as 50 questions.
    SELECT coalesce(
        (
            SELECT (known.found + 0.4 * 50) / (known.asked + 50)
            FROM interestream.learning AS known
            WHERE known.space_id = p_space AND known.segment = p_segment
        ),
        0.4
    )
$$;

COMMENT ON FUNCTION interestream.likely_candidate IS
'The chance that what a user of the segment turns to next is among the candidates(), as far as the job has learned it.';

GRANT EXECUTE ON FUNCTION interestream.likely_candidate TO interestream_reader, interestream_admin;
