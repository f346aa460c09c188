"""Measures the API of `interestream serve` beside plain SQL."""
