"""Sequence models: what a user did last, in order and in time, becomes one vector."""
