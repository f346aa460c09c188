"""Measures the job, and checks its tables against a computation that does without its code."""
