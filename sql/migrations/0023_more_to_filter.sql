-- Ranges and exclusions of a filter. Columns and views that stand on the type go on working: they see new fields as null.
ALTER TYPE interestream.item_filter
ADD ATTRIBUTE published_before timestamptz,
ADD ATTRIBUTE ranges jsonb,
ADD ATTRIBUTE in_ranges jsonpath,
ADD ATTRIBUTE not_categories text[],
ADD ATTRIBUTE not_words text[],
ADD ATTRIBUTE no_word text,
ADD ATTRIBUTE not_attributes jsonb,
ADD ATTRIBUTE no_attribute jsonb[],
ADD ATTRIBUTE types text[],
ADD ATTRIBUTE not_types text[];
COMMENT ON TYPE interestream.item_filter IS
'Which items may be answered with; made by interestream.item_filter(). A field that is null does not filter. in_ranges, no_word and no_attribute are what passes_filter() compares with: item_filter() makes them of ranges, not_words and not_attributes.';

-- Replaced with the other functions. What it gives stays: the index below is made of it.
CREATE FUNCTION interestream.item_type(p_attributes jsonb, p_categories text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT coalesce(
        CASE WHEN jsonb_typeof(p_attributes -> 'type') = 'string' THEN p_attributes ->> 'type' END, p_categories[1]
    )
$$;
CREATE INDEX items_type ON interestream.items (interestream.item_type(attributes, categories));

-- After how many days an item that was seen may be answered with again. No rows: never.
CREATE TABLE interestream.repeat_rules (
    action text NOT NULL DEFAULT '*',
    item_type text NOT NULL DEFAULT '*',
    after_days double precision CHECK (after_days >= 0),
    named_action text GENERATED ALWAYS AS (nullif(action, '*')) STORED REFERENCES interestream.actions,
    PRIMARY KEY (action, item_type)
);
COMMENT ON COLUMN interestream.repeat_rules.named_action IS
'The action where it is not *: so a rule cannot be about one that does not exist.';
COMMENT ON TABLE interestream.repeat_rules IS
'When recommend() and the others answer again with an item that the user has seen: after_days after the last interaction with it, 0 at once, null never. For an action of interestream.actions and a type of items (item_type()), * stands for any; the rule that names the action, then the one that names the type, comes before one with *. Of several actions with a rule the longest time decides, and actions without a rule do not count beside them. An item that no rule is about is never answered with again, as is one that the user dislikes.';

-- Actions that buy: what they say of an item counts apart from other liked items.
CREATE TABLE interestream.buying_actions (action text PRIMARY KEY);
COMMENT ON TABLE interestream.buying_actions IS
'Names of actions after which an item is bought: recommend() learns apart what neighbors of bought items and texts like theirs count (neighbors_bought, text_bought).';
INSERT INTO interestream.buying_actions (action) VALUES ('purchase');
INSERT INTO interestream.source_weights (segment, source, weight)
VALUES
('few', 'neighbors_bought', 0.0),
('few', 'text_bought', 0.0),
('many', 'neighbors_bought', 0.0),
('many', 'text_bought', 0.0);

INSERT INTO interestream.reason_texts (language, source, text, text_with_title)
VALUES
('en', 'shared_topic', 'Has an interest of yours.', 'Is interested in {title} as well.'),
('en', 'near_topic', 'Near what you like.', 'Near what you like, such as "{title}".'),
('en', 'rising_topic', 'On the rise, and near what you like.', 'On the rise, and near what you like, such as "{title}".'),
('zh', 'shared_topic', '和你有共同的兴趣。', '也对{title}感兴趣。'),
('zh', 'near_topic', '接近你的喜好。', '接近你的喜好，例如《{title}》。'),
('zh', 'rising_topic', '正在升温，也接近你的喜好。', '正在升温，也接近你的喜好，例如《{title}》。');
