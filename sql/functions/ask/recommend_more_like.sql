CREATE OR REPLACE FUNCTION interestream.recommend_more_like(
    p_item text,
    p_user text,
    p_k integer DEFAULT 10,
    p_space integer DEFAULT NULL,
    p_diversity double precision DEFAULT 0.1,
    p_filter interestream.item_filter DEFAULT NULL,
    p_exclude text[] DEFAULT NULL,
    p_personal double precision DEFAULT 0.3
) RETURNS TABLE (
    rank integer,
    item_id text,
    title text,
    categories text[],
    score real,
    similarity real,
    reason text
)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
-- These settings keep it to look-ups by key, whatever the statistics say: see recommend_batch().
SET enable_seqscan = off
AS $$
DECLARE
    c_dislikes_at_half constant integer := 3;  -- weight of a user's dislikes at which they count half
    c_diverse_ranks constant integer := 50;    -- ranks beyond are filled by score alone
    v_space integer := interestream.chosen_space(p_space);
    v_item halfvec;
    v_blend halfvec;
    v_dislikes halfvec;
    v_dislike_confidence real;
    v_dislike_weight real;
    v_ids text[];
    v_vectors halfvec[];
    v_scores real[];
    v_similarities real[];
BEGIN
    IF p_user IS NULL THEN
        RAISE EXCEPTION 'recommend_more_like() needs a user' USING ERRCODE = 'null_value_not_allowed',
            HINT = 'Without a user, call interestream.similar_items().';
    END IF;
    PERFORM interestream.check_k(p_k);
    IF p_diversity IS NULL OR p_diversity NOT BETWEEN 0 AND 1 THEN
        RAISE EXCEPTION 'diversity % cannot be used', coalesce(p_diversity::text, 'null')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'p_diversity is 0 (none) to 1.';
    END IF;
    IF p_personal IS NULL OR p_personal NOT BETWEEN 0 AND 1 THEN
        RAISE EXCEPTION 'personal share % cannot be used', coalesce(p_personal::text, 'null')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'p_personal is 0 (none) to 1.';
    END IF;
    v_item := interestream.item_vector(p_item, v_space);
    v_blend := interestream.user_blend(p_user, v_space);
    SELECT w.embedding, w.weight / (w.weight + c_dislikes_at_half) INTO v_dislikes, v_dislike_confidence
    FROM interestream.user_windows AS w
    WHERE w.space_id = v_space AND w.user_id = p_user AND w.kind = 'dislikes';
    SELECT s.weight INTO v_dislike_weight FROM interestream.score_weights AS s WHERE s.part = 'dislike';

    WITH scored AS (
        SELECT
            n.item_id,
            n.embedding,
            n.similarity,
            (
                n.similarity
                + coalesce(p_personal * -(n.embedding <#> v_blend), 0)
                - coalesce(v_dislike_weight * greatest(-(n.embedding <#> v_dislikes), 0) * v_dislike_confidence, 0)
            )::real AS score
        FROM interestream.nearest_items(
            v_space, ARRAY[v_item], 2 * p_k + 30, ARRAY[p_user], p_filter,
            interestream.with_variants(p_exclude || p_item)
        ) AS n
    )

    SELECT
        array_agg(s.item_id ORDER BY s.score DESC, s.item_id),
        array_agg(s.embedding ORDER BY s.score DESC, s.item_id),
        array_agg(s.score ORDER BY s.score DESC, s.item_id),
        array_agg(s.similarity ORDER BY s.score DESC, s.item_id)
    INTO v_ids, v_vectors, v_scores, v_similarities
    FROM scored AS s;
    IF v_ids IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT
        p.place::integer,
        i.item_id,
        i.title,
        i.categories,
        v_scores[p.pick],
        v_similarities[p.pick],
        interestream.reason('similar', (SELECT o.title FROM interestream.items AS o WHERE o.item_id = p_item))
    FROM unnest(
        interestream.diverse(v_vectors, v_scores, p_k, p_diversity, c_diverse_ranks)
    ) WITH ORDINALITY AS p (pick, place)
    CROSS JOIN LATERAL (
        SELECT o.item_id, o.title, o.categories FROM interestream.items AS o WHERE o.item_id = v_ids[p.pick] OFFSET 0
    ) AS i
    ORDER BY p.place;
END;
$$;

COMMENT ON FUNCTION interestream.recommend_more_like IS
'More like p_item for p_user: p_k available items near it, one of each group but its own, that the user has neither seen nor disliked, by rank from 1. similarity: cosine with the item; score: that, plus p_personal times the cosine with the user''s windows, less what the item shares with the user''s dislikes (score_weights). p_diversity, p_filter and p_exclude as for recommend(). An unknown user gets what is similar. Errors: no_data_found when the item has no vector, null_value_not_allowed, invalid_parameter_value, undefined_object.';

GRANT EXECUTE ON FUNCTION interestream.recommend_more_like TO interestream_reader, interestream_admin;
