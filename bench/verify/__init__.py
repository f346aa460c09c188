"""Replays a data set, recomputes every row from the input alone, and compares the two.

Run it with `python -m bench.verify DATA`.
"""
