CREATE OR REPLACE FUNCTION interestream.recommend_many(
    p_users text[],
    p_k integer DEFAULT 10,
    p_space integer DEFAULT NULL,
    p_diversity double precision DEFAULT NULL,
    p_filter interestream.item_filter DEFAULT NULL,
    p_exclude text[] DEFAULT NULL,
    p_explore double precision DEFAULT NULL,
    p_quotas jsonb DEFAULT NULL
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
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    c_together constant integer := 8;  -- users in a batch; in a larger one each reads past more rows of the others
    v_space integer;
    v_users text[];
    v_exclude text[] := interestream.with_variants(p_exclude);
    v_experiment text := interestream.running_experiment(p_space, p_diversity, p_explore);
BEGIN
    IF p_users IS NULL OR array_position(p_users, NULL) IS NOT NULL THEN
        RAISE EXCEPTION 'a recommendation needs a user' USING ERRCODE = 'null_value_not_allowed',
            HINT = 'Without a user, call interestream.trending().';
    END IF;
    PERFORM interestream.check_k(p_k);
    IF p_diversity NOT BETWEEN 0 AND 1 THEN
        RAISE EXCEPTION 'diversity % cannot be used', p_diversity
            USING ERRCODE = 'invalid_parameter_value', HINT = 'p_diversity is 0 (none) to 1.';
    END IF;
    IF p_explore NOT BETWEEN 0 AND 1 THEN
        RAISE EXCEPTION 'exploration % cannot be used', p_explore
            USING ERRCODE = 'invalid_parameter_value', HINT = 'p_explore is 0 (none) to 1.';
    END IF;
    PERFORM interestream.check_quotas(p_quotas, p_k);
    v_space := interestream.chosen_space(p_space);
    v_users := ARRAY(
        SELECT a.user_id FROM unnest(p_users) WITH ORDINALITY AS a (user_id, n)
        GROUP BY a.user_id ORDER BY min(a.n)
    );
    IF p_quotas <> '{}' THEN
        RETURN QUERY
        SELECT own.*
        FROM unnest(v_users) WITH ORDINALITY AS users (user_id, number)
        CROSS JOIN LATERAL interestream.recommend_quotas(
            users.user_id, p_k, p_space, p_diversity, p_filter, p_exclude, p_explore, p_quotas
        ) AS own
        ORDER BY users.number, own.rank;
        RETURN;
    END IF;
    FOR i IN 1..cardinality(v_users) BY c_together LOOP
        IF v_experiment IS NULL THEN
            RETURN QUERY
            SELECT own.*
            FROM interestream.recommend_group(
                v_users[i:i + c_together - 1], p_k, v_space, p_diversity, p_filter, v_exclude, p_explore
            ) AS own;
        ELSE
            RETURN QUERY
            SELECT own.*
            FROM interestream.recommend_variants(
                v_experiment, v_users[i:i + c_together - 1], p_k, p_space, p_diversity, p_filter, v_exclude, p_explore
            ) AS own
            ORDER BY array_position(v_users, own.user_id), own.rank;
        END IF;
    END LOOP;
END;
$$;

COMMENT ON FUNCTION interestream.recommend_many IS
'recommend() for each of p_users, in about half the time of as many calls: its rows with the user in front, by rank from 1 within a user. A user named twice is answered once. While an experiment runs, its users get their variants. With p_quotas each type is asked for by itself, for each user. Errors: null_value_not_allowed, invalid_parameter_value, undefined_object.';

GRANT EXECUTE ON FUNCTION interestream.recommend_many TO interestream_reader, interestream_admin;
