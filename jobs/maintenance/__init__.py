"""Removes what grows without end and is not needed any more; `interestream maintain` runs it."""
