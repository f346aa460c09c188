"""Puts lines from files and pipes into the streams that a job reads."""
