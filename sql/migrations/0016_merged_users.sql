-- A user who was merged into another one goes, with later events, from one bucket of users to another one.
ALTER TABLE interestream.job_progress ADD COLUMN moved bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN interestream.job_progress.moved IS
'Events that the bucket has handed to other buckets, since their users were merged into others, less those that it has taken from other buckets. The sum over all buckets are the events on their way.';

CREATE TABLE interestream.transfers (
    space_id integer NOT NULL,
    submitted bigint NOT NULL,
    attempt integer NOT NULL,
    from_bucket integer NOT NULL,
    number bigint NOT NULL,
    to_bucket integer NOT NULL,
    content bytea NOT NULL,
    taken boolean NOT NULL DEFAULT false,
    sent_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (space_id, submitted, attempt, from_bucket, number)
);
COMMENT ON TABLE interestream.transfers IS
'Merged users, and events of theirs, on their way from one subtask of the job to another one: a row is there for a few checkpoints. A job of one slot writes none. All of it is in the job''s state as well.';
COMMENT ON COLUMN interestream.transfers.submitted IS 'When the job was submitted, in milliseconds since 1970. A run of the job reads the rows of its own submission and attempt alone.';
COMMENT ON COLUMN interestream.transfers.attempt IS 'How often the job had been started again since it was submitted.';
COMMENT ON COLUMN interestream.transfers.taken IS 'Whether every checkpoint that the job can start again from has it in the receiver''s state.';
