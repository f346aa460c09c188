"""Errors of the connectors; each message says what to do."""

from jobs.errors import InterestreamError


class ConnectorError(InterestreamError):
    """A connector's jar is missing, is another one, or could not be fetched."""
