"""What the job tells Flink's metric reporters: the catalogue, and how steps fill it."""
