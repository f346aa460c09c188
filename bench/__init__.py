"""Measuring and proving: what the tables must hold, worked out a second time without the job."""
