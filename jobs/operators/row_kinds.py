"""Tags of a batch row: events, commands, or a wake; and the bucket of lines without a key."""

EVENTS = 0
CONTROL = 1
WAKE = 2
"""A row whose one line is empty: users of the bucket are going to get what other users had."""

UNREADABLE_BUCKET = -1
"""Bucket of the lines whose key Java could not read: all of them become dead letters, except for
commands that need no user."""
