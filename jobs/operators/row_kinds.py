"""What a batch row carries: the third of the interest operator's inputs are told apart by this."""

EVENTS = 0
CONTROL = 1

UNREADABLE_BUCKET = -1
"""Lines whose key Java could not read: they can only become dead letters."""
