-- Experiments: named variants of recommend(), who gets which of them, and since when. Experiment, slash and variant are
-- 64 characters at most: so many of an impression's context count.
CREATE TABLE interestream.experiments (
    experiment text PRIMARY KEY CHECK (experiment ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$'),
    kind text NOT NULL CHECK (kind IN ('split', 'interleaving')),
    expected_lift double precision NOT NULL CHECK (expected_lift > 0 AND expected_lift <= 1),
    description text,
    started_at timestamptz NOT NULL,
    ended_at timestamptz CHECK (ended_at >= started_at)
);
COMMENT ON TABLE interestream.experiments IS
'Experiments, one of which runs at most (ended_at is null). kind: split, where a user gets one variant, or interleaving, where each list is made of two. expected_lift: the lift at which the sequential interval of experiment_report() is narrowest. Made by start_experiment(), ended by end_experiment().';
CREATE UNIQUE INDEX experiments_running ON interestream.experiments ((true)) WHERE ended_at IS NULL;

CREATE TABLE interestream.experiment_variants (
    experiment text NOT NULL REFERENCES interestream.experiments ON DELETE CASCADE,
    variant text NOT NULL CHECK (variant ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,22}$'),
    number integer NOT NULL CHECK (number > 0),
    places int4multirange NOT NULL,
    diversity double precision CHECK (diversity BETWEEN 0 AND 1),
    explore double precision CHECK (explore BETWEEN 0 AND 1),
    space_id integer,
    weights jsonb,
    PRIMARY KEY (experiment, variant),
    UNIQUE (experiment, number)
);
COMMENT ON TABLE interestream.experiment_variants IS
'Variants of an experiment; number 1 is the control. places: the user_place()s (0 to 9,999) whose users get it. diversity, explore, space_id: what recommend() takes where its caller gives nothing, null for what it takes without an experiment. weights: by segment and source, what stands for the weight in source_weights.';

CREATE TABLE interestream.experiment_shares (
    experiment text NOT NULL,
    since timestamptz NOT NULL,
    variant text NOT NULL,
    share double precision NOT NULL CHECK (share BETWEEN 0 AND 1),
    places int4multirange NOT NULL,
    PRIMARY KEY (experiment, since, variant),
    FOREIGN KEY (experiment, variant) REFERENCES interestream.experiment_variants ON DELETE CASCADE
);
COMMENT ON TABLE interestream.experiment_shares IS
'The shares of the users that the variants of an experiment have had, and their places, since when. A change makes a row for each variant.';
