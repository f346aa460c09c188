"""The errors of reading checkpoints."""

from jobs.errors import InterestreamError


class CheckpointFormatError(InterestreamError):
    """A checkpoint is not in the form that is known here; nothing may be concluded from it."""
