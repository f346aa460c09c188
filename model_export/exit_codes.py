"""What the command's exit code tells a schedule."""

FAILED = 1
WRONG_OPTION = 2
"""The command line's own, as everywhere."""
GATE = 3
"""The graph fell short of the model: nothing was published."""
MISSING_EXTRA = 4
LOCKED = 5
"""Another export of the same name is running."""
INTERRUPTED = 130
TERMINATED = 143
