"""Parses and validates raw lines: each becomes an event, an item, a command or a dead letter."""
