"""Embedding spaces: building one, reading the one that a job fills, and changing to another."""
