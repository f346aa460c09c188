-- What users were shown, and how often what was shown at a place is clicked.
CREATE TABLE interestream.shown_items (
    user_id text NOT NULL,
    item_id text NOT NULL,
    shown_at timestamptz[] NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, item_id)
) WITH (fillfactor = 80);
COMMENT ON TABLE interestream.shown_items IS
'When an item was shown to a user, by the impressions that the application reports: the newest 16 times, newest first, each once. Belongs to no space, as user_items: the jobs of all spaces write the same row.';
COMMENT ON COLUMN interestream.shown_items.committed_at IS
'When the row was last written. Rows older than retention.shown_items_s are removed by interestream maintain.';

CREATE TABLE interestream.click_counts (
    space_id integer NOT NULL,
    bucket integer NOT NULL,
    source text NOT NULL,
    place integer NOT NULL,
    segment text NOT NULL,
    variant text NOT NULL,
    impressions bigint NOT NULL,
    clicks bigint NOT NULL,
    PRIMARY KEY (space_id, bucket, source, place, segment, variant)
) WITH (fillfactor = 50);
COMMENT ON TABLE interestream.click_counts IS
'Impressions of recommendations, and how many of them were clicked within feedback.window_s of event time, by what the impression says of itself. Sums of what a bucket of users has counted since its state began: click_through() adds them up.';
COMMENT ON COLUMN interestream.click_counts.place IS 'The position of the item in the answer, from 1 to 100; 0 where the impression names none.';

INSERT INTO interestream.source_weights (segment, source, weight)
VALUES
('none', 'shown', -1.5),
('few', 'shown', -1.5),
('many', 'shown', -1.5)
ON CONFLICT DO NOTHING;
COMMENT ON TABLE interestream.source_weights IS
'What each source of candidates counts in the score of recommend() before anything is learned, by how many items the user has liked: none (and no vector), few (up to 4), many. A score is a logarithm: 1 more is e times the chance. Values of a source: text, the sum of score_weights; text_last, the largest cosine with the last 5 liked items; neighbors, the root of the share of the strongest neighbor (0 to 1), and neighbors_share without the root; neighbors_last, the share among the neighbors of the last liked item alone; popular_H for a horizon H of trend_windows, ln(1 + interactions) over that of the most popular item (0 to 1); unseen, 1 for an item that nobody has liked yet, and unseen_text, the same times text; new, exp(-age / 14 days) since published_at; shown, how often the item was shown to the user who has not touched it since (0 to 1): see shown_often(). A source without a row does not count, is not learned, and offers no candidates.';
