"""Errors of the job's sources; each message says what to do."""

from jobs.errors import InterestreamError


class TopicError(InterestreamError):
    """A topic of Kafka cannot be read; the message names it."""
