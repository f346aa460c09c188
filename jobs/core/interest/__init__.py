"""Folds a batch of events into the states of its users, and makes the rows to write."""
