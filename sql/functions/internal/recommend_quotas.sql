CREATE OR REPLACE FUNCTION interestream.recommend_quotas(
    p_user text,
    p_k integer,
    p_space integer,
    p_diversity double precision,
    p_filter interestream.item_filter,
    p_exclude text[],
    p_explore double precision,
    p_quotas jsonb
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
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
SET search_path FROM CURRENT
AS $$
DECLARE
    v_types text[] := ARRAY(SELECT each.key FROM jsonb_object_keys(p_quotas) AS each (key) ORDER BY each.key COLLATE "C");
    v_filter interestream.item_filter;
    v_quota integer;
    v_part jsonb[];
    v_rows jsonb[] := '{}';
    v_exclude text[] := p_exclude;
BEGIN
    -- Each type is asked for by itself, so that none of them starves; what is left of the rows goes to the other types.
    FOR i IN 1..cardinality(v_types) + 1 LOOP
        v_filter := p_filter;
        IF i > cardinality(v_types) THEN
            v_quota := p_k - cardinality(v_rows);
            v_filter.not_types := coalesce(v_filter.not_types, '{}') || v_types;
        ELSE
            v_quota := (p_quotas ->> v_types[i])::integer;
            CONTINUE WHEN v_types[i] <> ALL(v_filter.types);
            v_filter.types := ARRAY[v_types[i]];
        END IF;
        CONTINUE WHEN v_quota = 0;
        SELECT array_agg(to_jsonb(answer) || jsonb_build_object('part', i) ORDER BY answer.rank) INTO v_part
        FROM interestream.recommend_many(
            ARRAY[p_user], v_quota, p_space, p_diversity, v_filter, v_exclude, p_explore
        ) AS answer;
        v_rows := v_rows || coalesce(v_part, '{}');
        -- A variant of another type does not take a second place.
        v_exclude := v_exclude || ARRAY(SELECT own.answer ->> 'item_id' FROM unnest(v_part) AS own (answer));
    END LOOP;
    RETURN QUERY
    WITH answers AS (
        SELECT own.*
        FROM unnest(v_rows) AS each (answer)
        CROSS JOIN LATERAL jsonb_to_record(each.answer) AS own (
            part integer, user_id text, rank integer, item_id text, title text, categories text[], score real,
            reason text, source text, source_item_id text, source_title text, nearest_liked_item_id text,
            nearest_liked_title text, parts jsonb
        )
    ),

    -- Each part keeps its order: a row counts as the lowest score down to it, and the next row is the highest of these.
    merged AS (
        SELECT answers.*, min(answers.score) OVER (PARTITION BY answers.part ORDER BY answers.rank) AS lowest
        FROM answers
    )

    SELECT
        merged.user_id, (row_number() OVER (ORDER BY merged.lowest DESC, merged.part, merged.rank))::integer,
        merged.item_id, merged.title, merged.categories, merged.score, merged.reason, merged.source,
        merged.source_item_id, merged.source_title, merged.nearest_liked_item_id, merged.nearest_liked_title, merged.parts
    FROM merged
    ORDER BY 2;
END;
$$;

COMMENT ON FUNCTION interestream.recommend_quotas IS
'recommend() with quotas for types of items (item_type()): of each type in p_quotas so many items, or as many as there are, and items of other types in the remaining rows. Types are ranked apart from each other, and merged by score. All arguments are taken as checked.';

GRANT EXECUTE ON FUNCTION interestream.recommend_quotas TO interestream_reader, interestream_admin;
