-- How recommend() weighs a user's windows against each other; an operator edits the rows.
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
