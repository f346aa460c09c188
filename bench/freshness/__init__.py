"""Measures the time until SQL sees an event."""
