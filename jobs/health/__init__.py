"""Judges for a monitoring system whether the job works, from a few numbers that are read before."""
