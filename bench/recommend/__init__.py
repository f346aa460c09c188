"""How fast `recommend()` answers, and how much of the exact answer: `python -m bench.recommend`."""
