-- recommend_many() for a few users while an experiment runs.
CREATE OR REPLACE FUNCTION interestream.recommend_variants(
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
AS $$
DECLARE
    v_split boolean := (SELECT e.kind = 'split' FROM interestream.experiments AS e WHERE e.experiment = p_experiment);
    v_both text[];  -- users whose list is made of two variants
BEGIN
    IF NOT v_split THEN
        v_both := ARRAY(
            SELECT each.user_id
            FROM unnest(p_users) WITH ORDINALITY AS each (user_id, number)
            JOIN interestream.experiment_variants AS known
                ON known.experiment = p_experiment
                    AND known.places @> interestream.user_place(p_experiment, each.user_id)
            ORDER BY each.number
        );
        RETURN QUERY
        SELECT own.*
        FROM interestream.recommend_interleaved(
            p_experiment, v_both, p_k, p_space, p_diversity, p_filter, p_exclude, p_explore
        ) AS own;
    END IF;
    RETURN QUERY
    WITH groups AS MATERIALIZED (
        SELECT known.variant, array_agg(each.user_id ORDER BY each.number) AS users
        FROM unnest(p_users) WITH ORDINALITY AS each (user_id, number)
        LEFT JOIN interestream.experiment_variants AS known
            ON known.experiment = p_experiment
                AND known.places @> interestream.user_place(p_experiment, each.user_id)
        WHERE v_split OR known.variant IS NULL
        GROUP BY known.variant
    )

    SELECT
        own.user_id, own.rank, own.item_id, own.title, own.categories, own.score, own.reason, own.source,
        own.source_item_id, own.source_title, own.nearest_liked_item_id, own.nearest_liked_title,
        CASE
            WHEN groups.variant IS NULL THEN own.parts
            ELSE own.parts || jsonb_build_object('variant', p_experiment || '/' || groups.variant)
        END
    FROM groups
    LEFT JOIN interestream.experiment_variants AS known
        ON known.experiment = p_experiment AND known.variant = groups.variant
    CROSS JOIN LATERAL interestream.recommend_group(
        groups.users, p_k, interestream.chosen_space(coalesce(p_space, known.space_id)),
        coalesce(p_diversity, known.diversity), p_filter, p_exclude, coalesce(p_explore, known.explore), known.weights
    ) AS own;
END;
$$;

COMMENT ON FUNCTION interestream.recommend_variants IS
'recommend_many() for a few users while an experiment runs, in no order of the users: each user gets the list of a variant, or one made of two (recommend_interleaved()), and parts.variant says which: experiment/variant; a user outside of the shares gets what there is without an experiment. All arguments are taken as checked.';

GRANT EXECUTE ON FUNCTION interestream.recommend_variants TO interestream_reader, interestream_admin;
