"""Why records were not appended."""

from jobs.errors import InterestreamError


class AppendError(InterestreamError):
    """The stream cannot be written to; the message says why, without a path."""
