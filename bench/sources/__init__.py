"""Measures the job reading the same events from folders, topics, and records of other shapes."""
