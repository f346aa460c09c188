-- How recommend() weighs what it knows; an operator edits the rows.
CREATE TABLE interestream.blend_weights (
    kind text PRIMARY KEY,
    weight real NOT NULL CHECK (weight >= 0)
);
COMMENT ON TABLE interestream.blend_weights IS
'Share of each window kind in the one query vector of recommend(); a kind without a row, or with 0, is left out.';
INSERT INTO interestream.blend_weights (kind, weight)
VALUES
('recent', 0.5),
('session', 0.2),
('day', 0.2),
('month', 0.1);

CREATE TABLE interestream.score_weights (
    part text PRIMARY KEY,
    weight real NOT NULL CHECK (weight >= 0)
);
COMMENT ON TABLE interestream.score_weights IS
'Factor of each part in the score of recommend(): blend and interest (cosines, added), dislike (cosine, taken off), popularity (0 to 1, added); a part without a row does not count.';
INSERT INTO interestream.score_weights (part, weight)
VALUES
('blend', 0.7),
('interest', 0.3),
('dislike', 0.4),
('popularity', 0.05);
