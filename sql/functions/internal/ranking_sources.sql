CREATE OR REPLACE FUNCTION interestream.ranking_sources(p_space integer) RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT ARRAY[
        'text', 'text_last', 'neighbors', 'neighbors_share', 'neighbors_last', 'unseen', 'unseen_text', 'new',
        'shown', 'neighbors_bought', 'text_bought', 'sequence'
    ] || ARRAY(
        SELECT 'popular_' || windows.horizon
        FROM interestream.trend_windows AS windows
        WHERE windows.space_id = p_space AND windows.largest > 0
        ORDER BY windows.horizon
    )
$$;

COMMENT ON FUNCTION interestream.ranking_sources IS
'Names of the features of a candidate, in the order of candidates().features: see source_weights. The first ones are always the same, and new ones are only appended to them, since recommend_batch() names them by their place; then come the horizons that the job has counted, which are found by their names (popular_...).';

GRANT EXECUTE ON FUNCTION interestream.ranking_sources TO interestream_reader, interestream_writer, interestream_admin;
