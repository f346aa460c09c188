"""Measures time and recall of `recommend()`: `python -m bench.recommend`."""
