"""Reads completed checkpoints of the job, and removes files that no checkpoint needs any more."""
