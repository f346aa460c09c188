"""Judges raw lines: each becomes an event, an item, a command or a dead letter."""
