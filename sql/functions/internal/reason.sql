CREATE OR REPLACE FUNCTION interestream.reason(p_source text, p_title text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE p_source
        WHEN 'neighbor' THEN 'Often next after ' || coalesce('"' || p_title || '"', 'what you liked')
        WHEN 'recent' THEN 'Close to what you turned to last'
        WHEN 'session' THEN 'Fits this session'
        WHEN 'day' THEN 'Fits what you liked today'
        WHEN 'month' THEN 'Fits what you like these weeks'
        WHEN 'interest' THEN 'One of your interests'
        WHEN 'trending' THEN 'Popular with others right now'
        WHEN 'new' THEN 'New in the catalogue'
        WHEN 'search' THEN 'Matches your search'
        WHEN 'similar' THEN 'Similar'
        WHEN 'liked' THEN 'Likes things you like'
        WHEN 'taste' THEN 'Has similar interests'
        WHEN 'popular_hour' THEN 'Popular this hour'
        WHEN 'popular_six_hours' THEN 'Popular these hours'
        WHEN 'popular_day' THEN 'Popular today'
        WHEN 'popular_week' THEN 'Popular this week'
        WHEN 'popular_month' THEN 'Popular this month'
        WHEN 'popular_all' THEN 'Popular at all times'
        ELSE CASE
            WHEN p_source LIKE 'popular\_%' THEN 'Popular: ' || substr(p_source, 9)
            ELSE 'Fits your ' || p_source || ' window'
        END
    END || CASE WHEN p_source = 'neighbor' OR p_title IS NULL THEN '' ELSE ', like "' || p_title || '"' END || '.'
$$;

COMMENT ON FUNCTION interestream.reason IS
'One sentence for a person: why a row with this source is shown, with the title of an item they know where there is one.';

GRANT EXECUTE ON FUNCTION interestream.reason TO interestream_reader, interestream_admin;
