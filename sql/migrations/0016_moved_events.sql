-- Events of a user who was merged into another one go from one bucket to the other.
ALTER TABLE interestream.job_progress ADD COLUMN moved bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN interestream.job_progress.moved IS
'Events that the bucket has handed to other buckets, since their users were merged into others, less those that it has taken from other buckets. The sum over all buckets are the events on their way.';
