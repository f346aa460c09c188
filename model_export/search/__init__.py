"""Measures quantised graphs on this machine, and chooses by a gate which one to publish."""
