-- Weights that are learned from what users turn to, and more of what a candidate is weighed by.
ALTER TABLE interestream.source_weights DROP CONSTRAINT source_weights_weight_check;
DELETE FROM interestream.source_weights;
COMMENT ON TABLE interestream.source_weights IS
'What each source of candidates counts in the score of recommend() before anything is learned, by how many items the user has liked: none (and no vector), few (up to 4), many. A score is a logarithm: 1 more is e times the chance. Values of a source: text, the sum of score_weights; text_last, the largest cosine with the last 5 liked items; neighbors, the root of the share of the strongest neighbor (0 to 1), and neighbors_share without the root; neighbors_last, the share among the neighbors of the last liked item alone; popular_H for a horizon H of trend_windows, ln(1 + interactions) over that of the most popular item (0 to 1); unseen, 1 for an item that nobody has liked yet, and unseen_text, the same times text; new, exp(-age / 14 days) since published_at. A source without a row does not count, is not learned, and offers no candidates.';
INSERT INTO interestream.source_weights (segment, source, weight)
VALUES
('none', 'popular_six_hours', 1.0),
('none', 'popular_day', 1.3),
('none', 'popular_week', 2.2),
('none', 'popular_month', 1.0),
('none', 'popular_all', 0.8),
('few', 'text', 3.0),
('few', 'text_last', 2.0),
('few', 'neighbors', 3.0),
('few', 'neighbors_share', 0.0),
('few', 'neighbors_last', 0.5),
('few', 'popular_six_hours', 0.6),
('few', 'popular_day', 0.8),
('few', 'popular_week', 2.0),
('few', 'popular_month', 0.8),
('few', 'popular_all', 0.0),
('few', 'unseen', -0.8),
('few', 'unseen_text', 0.0),
('few', 'new', 0.0),
('many', 'text', 2.5),
('many', 'text_last', 1.7),
('many', 'neighbors', 3.5),
('many', 'neighbors_share', 0.0),
('many', 'neighbors_last', 0.5),
('many', 'popular_six_hours', 0.6),
('many', 'popular_day', 0.4),
('many', 'popular_week', 1.6),
('many', 'popular_month', 0.8),
('many', 'popular_all', 0.0),
('many', 'unseen', -0.6),
('many', 'unseen_text', 0.0),
('many', 'new', 0.0);

CREATE TABLE interestream.learned_weights (
    space_id integer NOT NULL,
    segment text NOT NULL CHECK (segment IN ('all', 'none', 'few', 'many')),
    source text NOT NULL,
    delta double precision NOT NULL,
    squares double precision NOT NULL,
    learned_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (space_id, segment, source)
) WITH (fillfactor = 50);
COMMENT ON TABLE interestream.learned_weights IS
'What the job has learned to add to source_weights: delta of the segment all and of the segment of the user. squares: sum of the squared gradients, which shortens the steps (Adagrad). Deleted by reset_weights().';

CREATE TABLE interestream.learning (
    space_id integer NOT NULL,
    segment text NOT NULL CHECK (segment IN ('none', 'few', 'many')),
    steps bigint NOT NULL DEFAULT 0,
    asked double precision NOT NULL DEFAULT 0,
    found double precision NOT NULL DEFAULT 0,
    learned_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (space_id, segment)
) WITH (fillfactor = 50);
COMMENT ON TABLE interestream.learning IS
'How learning goes, by segment: steps taken; of the questions asked how many found the answer among the candidates, both fading by a thousandth with each question.';

CREATE TABLE interestream.frozen_weights (
    space_id integer PRIMARY KEY,
    frozen_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE interestream.frozen_weights IS
'Spaces whose weights are not learned any further: see freeze_weights().';

-- All horizons of an item with one look-up.
CREATE INDEX trends_item ON interestream.trends (item_id, space_id);
