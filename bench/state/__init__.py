"""Measures the size of the state, and the time for starting, checkpoints and recovery."""
