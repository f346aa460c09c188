-- Two jobs at once, each with a space of its own: whose word about an item stands, whose dead letters are shown, and
-- which space was active when.
ALTER TABLE interestream.items ADD COLUMN updated_at timestamptz, ADD COLUMN space_id integer;
COMMENT ON COLUMN interestream.items.updated_at IS
'As the items stream last told it; null where it never did.';
COMMENT ON COLUMN interestream.items.space_id IS
'The space whose job wrote the row: (epoch, version) are of that job.';
UPDATE interestream.items AS i SET space_id = s.space_id
FROM interestream.spaces AS s
WHERE s.active;

-- Letters of a database that never had an active space belong to none; there is no space 0.
ALTER TABLE interestream.dead_letters ADD COLUMN space_id integer NOT NULL DEFAULT 0;
ALTER TABLE interestream.dead_letters ALTER COLUMN space_id DROP DEFAULT;
UPDATE interestream.dead_letters AS d SET space_id = s.space_id
FROM interestream.spaces AS s
WHERE s.active;
ALTER TABLE interestream.dead_letters DROP CONSTRAINT dead_letters_pkey;
ALTER TABLE interestream.dead_letters ADD PRIMARY KEY (space_id, epoch, stream, bucket, seq);
COMMENT ON COLUMN interestream.dead_letters.space_id IS
'The space whose job wrote the letter. A job beside the active one finds the same broken lines: active_dead_letters shows each once.';

CREATE VIEW interestream.active_dead_letters WITH (security_invoker = true) AS
SELECT
    d.stream,
    d.raw,
    d.reason,
    d.detail,
    d.user_id,
    d.committed_at,
    d.space_id,
    d.epoch,
    d.bucket,
    d.seq
FROM interestream.dead_letters AS d
INNER JOIN interestream.spaces AS s ON d.space_id = s.space_id
WHERE s.active;
COMMENT ON VIEW interestream.active_dead_letters IS
'Dead letters of the job that fills the active space. Unique key: epoch, stream, bucket, seq.';

CREATE TABLE interestream.space_activations (
    activation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    space_id integer NOT NULL REFERENCES interestream.spaces ON DELETE CASCADE,
    activated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE interestream.space_activations IS
'Which space became the active one, and when; written by create_space() and activate_space(). The newest row is the active space.';
INSERT INTO interestream.space_activations (space_id, activated_at)
SELECT
    s.space_id,
    s.created_at
FROM interestream.spaces AS s
WHERE s.active;
