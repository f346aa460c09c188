-- Sequence models: vectors of items and users that are learned from what users did in order, beside those of texts.
ALTER TABLE interestream.spaces
ADD COLUMN of_space integer REFERENCES interestream.spaces,
ADD COLUMN serving boolean NOT NULL DEFAULT true,
ADD COLUMN scale real,
ADD COLUMN trained_until timestamptz,
ADD CONSTRAINT spaces_sequence_check CHECK (
    CASE WHEN of_space IS NULL THEN scale IS NULL AND serving ELSE NOT active AND scale > 0 END
);
CREATE INDEX spaces_of_space ON interestream.spaces (of_space) WHERE of_space IS NOT NULL;
COMMENT ON COLUMN interestream.spaces.of_space IS
'Of a sequence model: the space whose vectors it reads, and whose job keeps its vectors. Null for the space of an encoder.';
COMMENT ON COLUMN interestream.spaces.serving IS
'Whether recommend() uses the sequence model: see serve_sequence(). Always true for the space of an encoder.';
COMMENT ON COLUMN interestream.spaces.scale IS
'Of a sequence model: what a cosine of its vectors is multiplied by to be a logarithm of chances, up to a constant.';
COMMENT ON COLUMN interestream.spaces.trained_until IS
'Of a sequence model: the time of the newest interaction that it was trained with.';
COMMENT ON TABLE interestream.spaces IS
'Embedding spaces: one bundle version and the catalogue mean frozen with it, of which exactly one is active; and sequence models, each of one of these (of_space).';

INSERT INTO interestream.source_weights (segment, source, weight)
VALUES
('few', 'sequence', 1.5),
('many', 'sequence', 1.5)
ON CONFLICT DO NOTHING;
COMMENT ON TABLE interestream.source_weights IS
'What each source of candidates counts in the score of recommend() before anything is learned, by how many items the user has liked: none (and no vector), few (up to 4), many. A score is a logarithm: 1 more is e times the chance. Values of a source: text, the sum of score_weights; text_last, the largest cosine with the last 5 liked items; text_bought, the same with those of them that were bought; neighbors, the root of the share of the strongest neighbor (0 to 1), and neighbors_share without the root; neighbors_last, the share among the neighbors of the last liked item alone; neighbors_bought, that of what was bought; popular_H for a horizon H of trend_windows, ln(1 + interactions) over that of the most popular item (0 to 1); unseen, 1 for an item that nobody has liked yet, and unseen_text, the same times text; new, exp(-age / 14 days) since published_at; shown, how often the item was shown to the user who has not touched it since (0 to 1): see shown_often(); sequence, a tenth of what a sequence model says: the cosine of user and item times spaces.scale, 0 without a model. A source without a row does not count, is not learned, and offers no candidates.';

INSERT INTO interestream.reason_texts (language, source, text, text_with_title)
VALUES
('en', 'sequence', 'Likely next after what you did lately.', 'Likely next after what you did lately, like "{title}".'),
('zh', 'sequence', '按你最近的行为顺序，接着可能喜欢。', '按你最近的行为顺序（例如《{title}》），接着可能喜欢。')
ON CONFLICT DO NOTHING;

CREATE TABLE interestream.sequence_quality (
    space_id integer PRIMARY KEY,
    questions bigint NOT NULL,
    at_first real NOT NULL,
    lately real NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
COMMENT ON TABLE interestream.sequence_quality IS
'How well a sequence model (space_id) places what users turn to among the candidates, by the questions that weights are learned from: at_first, the mean gain of its first 500 questions; lately, a mean that fades with each. The gain of a question is 1 / log2(1 + place) for a place up to 10, else 0. One below the other says that people have changed, and training pays.';
