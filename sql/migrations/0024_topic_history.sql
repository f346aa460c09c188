-- How interests moved: the topics of a user on the days on which the user did something.
CREATE TABLE interestream.user_topic_history (
    space_id integer NOT NULL,
    user_id text NOT NULL,
    day date NOT NULL,
    topics text[] NOT NULL,
    shares real[] NOT NULL CHECK (cardinality(shares) = cardinality(topics)),
    kept_at timestamptz NOT NULL,
    PRIMARY KEY (space_id, user_id, day)
);
CREATE INDEX user_topic_history_kept ON interestream.user_topic_history (kept_at);
COMMENT ON TABLE interestream.user_topic_history IS
'What a user engaged with on a day: the strongest topics and their shares, strongest first, and other for the rest. day: of the newest event that the topics stand on, in UTC. `interestream maintain` writes the rows (keep_topics) and removes them (retention.topic_history_days); kept_at is when. A user has at most as many rows in a space as days are kept.';
