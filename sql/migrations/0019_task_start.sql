-- A task that was cut off from its job may come back later, while a newer one writes its buckets.
ALTER TABLE interestream.job_progress ADD COLUMN task_start bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN interestream.job_progress.task_start IS
'The start of the task that wrote the row, by the clock of the database in milliseconds since 1970, and above that of every row that was there. A task with an earlier start writes nothing to the bucket any more.';
