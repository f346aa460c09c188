"""Learns what the sources of recommendations count, from what users turn to."""
