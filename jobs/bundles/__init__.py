"""Finds the encoder bundle of a job, and checks that it belongs to the job's space."""
