CREATE OR REPLACE FUNCTION interestream.ask_items(
    p_wanted real[] DEFAULT NULL,
    p_refused real[] DEFAULT NULL,
    p_k integer DEFAULT 10,
    p_user text DEFAULT NULL,
    p_filter interestream.item_filter DEFAULT NULL,
    p_exclude text[] DEFAULT NULL,
    p_like text[] DEFAULT NULL,
    p_unlike text[] DEFAULT NULL,
    p_refused_words text[] DEFAULT NULL,
    p_absences text[] DEFAULT NULL,
    p_personal double precision DEFAULT 0.15,
    p_refuse double precision DEFAULT 1,
    p_space integer DEFAULT NULL
) RETURNS TABLE (
    rank integer,
    item_id text,
    title text,
    categories text[],
    score real,
    similarity real,
    refused real,
    reason text
)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
SET search_path FROM CURRENT
-- These settings keep it to look-ups by key, whatever the statistics say: see recommend_batch().
SET jit = off
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    -- Below it a cosine says nothing: of the items of a real catalogue that have nothing to do with a refused word,
    -- 1 in 100 is nearer to it.
    c_unrelated constant double precision := 0.2;
    c_unlike constant double precision := 0.4;    -- the same of two items, whose texts are more like each other
    c_without constant double precision := 0.1;  -- for an item that says that it does without a refused word
    c_fits constant double precision := 0.35;  -- what is less similar is the nearest, and may have nothing to do with it
    c_most constant integer := 3000;
    v_space integer := interestream.chosen_space(p_space);
    v_dim integer := interestream.space_dim(v_space);
    v_exclude text[] := interestream.with_variants(
        coalesce(p_exclude, '{}') || coalesce(p_like, '{}') || coalesce(p_unlike, '{}')
    );
    v_refused halfvec[];
    v_unlike halfvec[];
    v_blend halfvec;
    v_query halfvec;
    v_popular boolean := false;
    v_limit integer;
    v_known integer;
    v_ids text[];
    v_title text;
    v_rows integer;
BEGIN
    PERFORM interestream.check_k(p_k);
    IF p_personal IS NULL OR p_personal NOT BETWEEN 0 AND 1 THEN
        RAISE EXCEPTION 'personal share % cannot be used', coalesce(p_personal::text, 'null')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'p_personal is 0 (none) to 1.';
    END IF;
    IF p_refuse IS NULL OR p_refuse NOT BETWEEN 0 AND 10 THEN
        RAISE EXCEPTION 'weight % of what is refused cannot be used', coalesce(p_refuse::text, 'null')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'p_refuse is 0 (refused texts do not count) to 10.';
    END IF;
    IF cardinality(p_refused) > 0 AND (array_ndims(p_refused) <> 2 OR array_length(p_refused, 2) <> v_dim) THEN
        RAISE EXCEPTION 'the refused vectors are no array of rows of % numbers', v_dim
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Give ARRAY[[...], [...]]: one row for each refused part, as the encoder gives it.';
    END IF;
    v_refused := ARRAY(
        SELECT interestream.to_space(ARRAY(SELECT unnest(p_refused[r.row:r.row][:])), v_space)
        FROM generate_series(1, coalesce(array_length(p_refused, 1), 0)) AS r (row)
    );
    v_unlike := ARRAY(SELECT interestream.item_vector(u.item_id, v_space) FROM unnest(p_unlike) AS u (item_id));
    IF p_user IS NOT NULL THEN
        v_blend := interestream.user_blend(p_user, v_space);
    END IF;
    SELECT CASE WHEN vector_norm(s.total) > 0 THEN l2_normalize(s.total)::halfvec END INTO v_query
    FROM (
        SELECT sum(parts.embedding::vector) AS total
        FROM (
            SELECT interestream.to_space(p_wanted, v_space) AS embedding WHERE cardinality(p_wanted) > 0
            UNION ALL
            SELECT interestream.item_vector(l.item_id, v_space) FROM unnest(p_like) AS l (item_id)
        ) AS parts
    ) AS s;
    IF v_query IS NULL THEN
        -- Nothing is said of what is wanted: what the user likes, or what is popular.
        v_query := v_blend;
        p_personal := 0;
        v_popular := v_query IS NULL;
    END IF;
    SELECT i.title INTO v_title FROM interestream.items AS i WHERE i.item_id = p_like[1];
    v_limit := CASE
        WHEN v_refused || v_unlike = '{}' AND coalesce(p_refused_words, '{}') = '{}' THEN
            CASE WHEN v_blend IS NULL THEN p_k ELSE 2 * p_k + 30 END
        ELSE 4 * p_k + 60
    END;
    LOOP
        IF v_popular THEN
            SELECT array_agg(r.item_id ORDER BY r.rank) INTO v_ids
            FROM interestream.recommend(
                coalesce(p_user, ''), least(v_limit, 1000), NULL, v_space, 0, p_filter, v_exclude
            ) AS r;
        ELSE
            SELECT array_agg(n.item_id ORDER BY n.similarity DESC, n.item_id) INTO v_ids
            FROM interestream.nearest_items(
                v_space, ARRAY[v_query], v_limit, ARRAY[p_user], p_filter, v_exclude
            ) AS n;
        END IF;
        v_known := coalesce(cardinality(v_ids), 0);
        RETURN QUERY
        WITH compared AS MATERIALIZED (
            SELECT
                c.item_id,
                c.place,
                CASE WHEN v_popular THEN 0 ELSE -(v.embedding <#> v_query) END AS similarity,
                coalesce(p_personal * -(v.embedding <#> v_blend), 0) AS taste,
                (SELECT max(-(v.embedding <#> r.embedding)) FROM unnest(v_refused) AS r (embedding)) AS nearest_refused,
                (SELECT max(-(v.embedding <#> u.embedding)) FROM unnest(v_unlike) AS u (embedding)) AS nearest_unlike
            FROM unnest(v_ids) WITH ORDINALITY AS c (item_id, place)
            CROSS JOIN LATERAL (
                SELECT known.embedding FROM interestream.item_vectors AS known
                WHERE known.space_id = v_space AND known.item_id = c.item_id
                OFFSET 0
            ) AS v
        ), known AS (
            SELECT c.*, i.title, i.categories, interestream.says_word(
                concat_ws(' ', i.title, i.body), p_refused_words, p_absences
            ) AS says
            FROM compared AS c
            CROSS JOIN LATERAL (
                SELECT o.title, o.body, o.categories FROM interestream.items AS o WHERE o.item_id = c.item_id OFFSET 0
            ) AS i
        ), kept AS (
            SELECT
                k.*,
                (k.similarity + k.taste - p_refuse * greatest(k.nearest_unlike - c_unlike, 0) + CASE
                    WHEN k.says < 0 THEN c_without
                    ELSE -p_refuse * greatest(k.nearest_refused - c_unrelated, 0)
                END) AS score
            FROM known AS k
            -- What is nearer to something refused than to what is wanted is what was refused; but "sulfate-free" is near
            -- to sulfates, too.
            WHERE k.says < 0 OR k.says = 0 AND (
                p_refuse = 0 OR k.nearest_refused IS NULL
                OR k.nearest_refused < greatest(c_unrelated, k.similarity)
            )
        )

        SELECT
            (row_number() OVER (ORDER BY k.score DESC, k.place))::integer,
            k.item_id,
            k.title,
            k.categories,
            k.score::real,
            k.similarity::real,
            greatest(k.nearest_refused, k.nearest_unlike)::real,
            interestream.reason(
                CASE WHEN v_popular THEN 'trending' WHEN k.similarity < c_fits THEN 'nearest' ELSE 'ask' END, v_title
            )
        FROM kept AS k
        -- Enough of them, or all that there are: otherwise it looks further, and this was for nothing.
        WHERE (SELECT count(*) FROM kept) >= p_k OR v_known < v_limit OR v_limit >= c_most
        ORDER BY k.score DESC, k.place
        LIMIT p_k;
        GET DIAGNOSTICS v_rows = ROW_COUNT;
        EXIT WHEN v_rows > 0 OR v_known < v_limit OR v_limit >= c_most;
        v_limit := least(5 * v_limit, c_most);
    END LOOP;
END;
$$;

COMMENT ON FUNCTION interestream.ask_items IS
'The p_k available items for a request in words, one of each group, by rank from 1. p_wanted: what the encoder gives for the wanted text with the query prompt (the mean is subtracted here); p_refused: one row of as many numbers for each refused text. p_like and p_unlike: ids of items that the answer shall be like and unlike, which are not in it. score: the cosine with what is wanted (similarity), plus p_personal times the cosine with the windows of p_user, less p_refuse times what the largest cosine with a refused text is above 0.2, and with an item of p_unlike above 0.4 (refused is the larger cosine); an item that is nearer to a refused text than to what is wanted is left out, and one whose title or text says one of p_refused_words; one that says that it does without, by p_absences (see says_word()), loses nothing and gains 0.1. The reason of a row with a similarity below 0.35 is that it is the nearest that there is. Without anything wanted, what p_user likes is, or what is popular. Items that p_user has seen or disliked are left out; p_filter and p_exclude are those of recommend(). Errors: invalid_parameter_value, no_data_found, undefined_object.';

GRANT EXECUTE ON FUNCTION interestream.ask_items TO interestream_reader, interestream_admin;
