"""The errors of feeding; each message says what went in and what to do."""

from jobs.errors import InterestreamError


class FeedError(InterestreamError):
    """Lines cannot be fed: a source cannot be read, or the stream's folder not written to."""


class SourceError(FeedError):
    """A file, pipe or the standard input cannot be read."""
