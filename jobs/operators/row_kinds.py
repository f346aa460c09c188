"""Tags of a batch row: events or control commands; and the bucket of lines without a key."""

EVENTS = 0
CONTROL = 1

UNREADABLE_BUCKET = -1
"""Bucket of the lines whose key Java could not read: all of them become dead letters, except for
commands that need no user."""
