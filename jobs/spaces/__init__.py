"""Embedding spaces: builds them, reads the one that a job fills, and changes the active one."""
