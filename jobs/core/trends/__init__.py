"""Counts of interactions per item over event time, and the clock that closes their windows."""
