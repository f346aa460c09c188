CREATE OR REPLACE FUNCTION interestream.click_through(p_space integer DEFAULT NULL)
RETURNS TABLE (
    source text,
    place integer,
    segment text,
    variant text,
    impressions bigint,
    clicks bigint,
    rate real
)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    v_space integer := interestream.chosen_space(p_space);
BEGIN
    RETURN QUERY
    SELECT
        known.source, known.place, known.segment, known.variant,
        sum(known.impressions)::bigint, sum(known.clicks)::bigint,
        (sum(known.clicks) / sum(known.impressions))::real
    FROM interestream.click_counts AS known
    WHERE known.space_id = v_space
    GROUP BY known.source, known.place, known.segment, known.variant
    HAVING sum(known.impressions) > 0
    ORDER BY known.source, known.place, known.segment, known.variant;
END;
$$;

COMMENT ON FUNCTION interestream.click_through IS
'How often what was recommended is clicked, by source, place (the position in the answer from 1; 0: not named), segment and variant, as the impressions name them (empty: not named). impressions: items shown, each once for a recommendation; clicks: those on which the user did something positive with the same recommendation_id, within feedback.window_s of event time. rate: clicks / impressions. Errors: undefined_object.';

GRANT EXECUTE ON FUNCTION interestream.click_through TO interestream_reader, interestream_admin;
