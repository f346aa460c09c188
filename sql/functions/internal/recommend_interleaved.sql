-- One list for each user, made of the lists of two variants.
CREATE OR REPLACE FUNCTION interestream.recommend_interleaved(
    p_experiment text,
    p_users text[],
    p_k integer,
    p_space integer,
    p_diversity double precision,
    p_filter interestream.item_filter,
    p_exclude text[],
    p_explore double precision
) RETURNS TABLE (
    user_id text,
    rank integer,
    item_id text,
    title text,
    categories text[],
    score real,
    reason text,
    source text,
    source_item_id text,
    source_title text,
    nearest_liked_item_id text,
    nearest_liked_title text,
    parts jsonb
)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 50
SET search_path FROM CURRENT
-- Look-ups by key, whatever the statistics say: see recommend_batch().
SET jit = off
SET enable_seqscan = off
AS $$
BEGIN
    RETURN QUERY
    WITH answers AS MATERIALIZED (
        SELECT
            own.*,
            known.variant,
            known.number AS team,
            -- Items of one group count as the same one.
            coalesce(
                (SELECT i.representative FROM interestream.items AS i WHERE i.item_id = own.item_id), own.item_id
            ) AS entry
        FROM interestream.experiment_variants AS known
        CROSS JOIN LATERAL interestream.recommend_group(
            p_users, p_k, interestream.chosen_space(coalesce(p_space, known.space_id)),
            coalesce(p_diversity, known.diversity), p_filter, p_exclude, coalesce(p_explore, known.explore),
            known.weights
        ) AS own
        WHERE known.experiment = p_experiment
    ),

    drafted AS MATERIALIZED (
        SELECT lists.user_id, picks.rank, picks.team, picks.place
        FROM (
            SELECT
                answers.user_id,
                coalesce(array_agg(answers.entry ORDER BY answers.rank) FILTER (WHERE answers.team = 1), '{}') AS one,
                coalesce(array_agg(answers.entry ORDER BY answers.rank) FILTER (WHERE answers.team = 2), '{}') AS two
            FROM answers
            GROUP BY answers.user_id
        ) AS lists
        CROSS JOIN LATERAL interestream.team_draft(
            lists.one, lists.two, p_k, p_experiment || ':' || lists.user_id
        ) AS picks
    )

    SELECT
        answers.user_id, drafted.rank, answers.item_id, answers.title, answers.categories, answers.score,
        answers.reason, answers.source, answers.source_item_id, answers.source_title, answers.nearest_liked_item_id,
        answers.nearest_liked_title,
        answers.parts || jsonb_build_object('variant', p_experiment || '/' || answers.variant)
    FROM drafted
    JOIN answers
        ON answers.user_id = drafted.user_id AND answers.team = drafted.team AND answers.rank = drafted.place;
END;
$$;

COMMENT ON FUNCTION interestream.recommend_interleaved IS
'recommend_many() for a few users of an experiment that interleaves, in no order: for each the lists of both variants as one (team_draft()); parts.variant says whose a row is: experiment/variant. All arguments are taken as checked.';

GRANT EXECUTE ON FUNCTION interestream.recommend_interleaved TO interestream_reader, interestream_admin;
