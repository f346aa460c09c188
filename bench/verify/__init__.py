"""Replays a data set, recomputes every row from the input alone and compares them.

Run it with `python -m bench.verify DATA`.
"""
