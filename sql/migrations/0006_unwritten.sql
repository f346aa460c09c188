-- Rows that move slowly are written later: until then their users are counted.
ALTER TABLE interestream.job_progress ADD COLUMN unwritten bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN interestream.job_progress.unwritten IS
'Users of the bucket with half-life windows or interests that are yet to be written; 0 once the stream has been at rest for the configured delay.';
