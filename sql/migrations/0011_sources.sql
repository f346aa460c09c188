-- What recommend() takes candidates from beside the vectors: neighbours of what was liked last, and what is popular.
ALTER TABLE interestream.trend_windows
ADD COLUMN largest bigint,
ADD COLUMN best_ids text[];
COMMENT ON COLUMN interestream.trend_windows.largest IS
'The most interactions that a row of trends has in this horizon.';
COMMENT ON COLUMN interestream.trend_windows.best_ids IS
'The items of this horizon with the most weight, most first; at most 500.';

CREATE TABLE interestream.source_weights (
    segment text NOT NULL CHECK (segment IN ('none', 'few', 'many')),
    source text NOT NULL,
    weight real NOT NULL CHECK (weight >= 0),
    PRIMARY KEY (segment, source)
);
COMMENT ON TABLE interestream.source_weights IS
'Factors of further parts in the score of recommend(), by how many items the user has liked: none (and no vector), few (up to 4), many. Source neighbors: the root of an item''s share of the strongest neighbour (0 to 1). Source popular_H for a horizon H of trend_windows: ln(1 + interactions) over that of the most popular item (0 to 1). A source without a row does not count, and offers no candidates.';
INSERT INTO interestream.source_weights (segment, source, weight)
VALUES
('none', 'popular_six_hours', 0.6),
('none', 'popular_day', 1.9),
('none', 'popular_week', 2.5),
('none', 'popular_month', 1.0),
('none', 'popular_all', 1.2),
('few', 'neighbors', 0.75),
('few', 'popular_six_hours', 0.11),
('few', 'popular_day', 0.03),
('few', 'popular_week', 0.3),
('few', 'popular_all', 0.08),
('many', 'neighbors', 1.65),
('many', 'popular_six_hours', 0.21),
('many', 'popular_week', 0.23),
('many', 'popular_all', 0.05);
