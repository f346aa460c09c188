CREATE OR REPLACE FUNCTION interestream.recommend(
    p_user text,
    p_k integer DEFAULT 10,
    p_categories text[] DEFAULT NULL,
    p_space integer DEFAULT NULL,
    p_diversity double precision DEFAULT NULL,
    p_filter interestream.item_filter DEFAULT NULL,
    p_exclude text[] DEFAULT NULL,
    p_explore double precision DEFAULT NULL,
    p_quotas jsonb DEFAULT NULL
) RETURNS TABLE (
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
BEGIN
    RETURN QUERY
    SELECT
        m.rank, m.item_id, m.title, m.categories, m.score, m.reason, m.source, m.source_item_id,
        m.source_title, m.nearest_liked_item_id, m.nearest_liked_title, m.parts
    FROM interestream.recommend_many(
        ARRAY[p_user], p_k, p_space, p_diversity,
        interestream.with_categories(p_filter, p_categories), p_exclude, p_explore, p_quotas
    ) AS m;
END;
$$;

COMMENT ON FUNCTION interestream.recommend IS
'What p_user should see next: p_k available items that the user has neither seen nor disliked, by rank from 1, one of each group (one group_id, or one title and text); fewer only where no more are left. score: the sum of parts.score (text, dislike, neighbors, popular), by score_weights and source_weights; for a user without a vector the popularity, or the score of trending(). p_diversity: 0 ranks by score alone, above 0 an item also loses score for what it shares with those before it; null stands for 0.3, and for p_explore for 0.1, unless an experiment runs (start_experiment()) whose variant says otherwise: parts.variant then says which. p_filter (see item_filter()), or p_categories for short, keeps the items that pass it; p_exclude leaves out items by id, with all of their groups, such as those of the pages before. p_quotas ({"course": 2}): of each named type of items (item_type()) so many, as far as there are, and other types in the remaining rows. source: what adds most: the window or interest that the item is nearest to, neighbor (of source_item_id, a liked item) or popular_H (over horizon H); for a user without a vector popular_H, trending or new. Errors: null_value_not_allowed, invalid_parameter_value, undefined_object.';

GRANT EXECUTE ON FUNCTION interestream.recommend TO interestream_reader, interestream_admin;
