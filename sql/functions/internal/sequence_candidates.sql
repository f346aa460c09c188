-- The candidates that sequence models find, for several users at once.
CREATE OR REPLACE FUNCTION interestream.sequence_candidates(
    p_users text[],
    p_models integer[],
    p_vectors halfvec[],
    p_pool integer,
    p_filter interestream.item_filter DEFAULT NULL,
    p_exclude text[] DEFAULT NULL
) RETURNS TABLE (user_number integer, item_id text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 40
SET search_path FROM CURRENT
AS $$
DECLARE
    v_model integer;
    v_numbers integer[];
BEGIN
    -- Users of one model share a search; there is more than one while a model takes another's place.
    FOR v_model IN SELECT DISTINCT models.model FROM unnest(p_models) AS models (model) WHERE models.model IS NOT NULL LOOP
        v_numbers := ARRAY(
            SELECT users.number FROM unnest(p_models) WITH ORDINALITY AS users (model, number)
            WHERE users.model = v_model
            ORDER BY users.number
        );
        RETURN QUERY
        SELECT v_numbers[found.query], found.item_id
        FROM interestream.nearest_items(
            v_model,
            ARRAY(
                SELECT p_vectors[own.number] FROM unnest(v_numbers) WITH ORDINALITY AS own (number, place)
                ORDER BY own.place
            ),
            p_pool,
            ARRAY(
                SELECT p_users[own.number] FROM unnest(v_numbers) WITH ORDINALITY AS own (number, place)
                ORDER BY own.place
            ),
            p_filter, p_exclude, interestream.walk_budget(v_model, p_filter), p_pool + 40
        ) AS found;
    END LOOP;
END;
$$;

COMMENT ON FUNCTION interestream.sequence_candidates IS
'The p_pool items that a user''s sequence model finds likeliest, without those that the user has seen or disliked, or whose group the user has. p_models and p_vectors have an entry for each of p_users, as sequence_users() gives them, null for a user without a model. All arguments are taken as checked.';

GRANT EXECUTE ON FUNCTION interestream.sequence_candidates TO interestream_reader, interestream_writer, interestream_admin;
