-- When an item came, for those that do not say when they were published.
ALTER TABLE interestream.items ADD COLUMN arrived_at timestamptz NOT NULL DEFAULT now();
-- Of items that are there already it is known when they were last written.
UPDATE interestream.items SET arrived_at = committed_at;
COMMENT ON COLUMN interestream.items.arrived_at IS 'When the item was first written, by the clock of the database.';

CREATE INDEX items_new ON interestream.items ((coalesce(published_at, arrived_at)) DESC, item_id) WHERE available;
COMMENT ON TABLE interestream.source_weights IS
'What each source of candidates counts in the score of recommend() before anything is learned, by how many items the user has liked: none (and no vector), few (up to 4), many. A score is a logarithm: 1 more is e times the chance. Values of a source: text, the sum of score_weights; text_last, the largest cosine with the last 5 liked items; neighbors, the root of the share of the strongest neighbor (0 to 1), and neighbors_share without the root; neighbors_last, the share among the neighbors of the last liked item alone; popular_H for a horizon H of trend_windows, ln(1 + interactions) over that of the most popular item (0 to 1); unseen, 1 for an item that nobody has liked yet, and unseen_text, the same times text; new, exp(-age / 14 days) since published_at, without it since arrived_at. A source without a row does not count, is not learned, and offers no candidates.';
