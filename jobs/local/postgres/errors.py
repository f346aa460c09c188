"""Errors of the embedded Postgres; each message says what to do."""

from jobs.errors import InterestreamError


class EmbeddedPostgresError(InterestreamError):
    """Base of the errors of the embedded Postgres."""


class NotInstalledError(EmbeddedPostgresError):
    """The package with the binaries is missing."""


class DataDirError(EmbeddedPostgresError):
    """The folder is not a data directory that this server can use."""


class AlreadyRunningError(EmbeddedPostgresError):
    """A server already runs on this data directory."""


class PortTakenError(EmbeddedPostgresError):
    """Another process listens on the requested port."""


class StartError(EmbeddedPostgresError):
    """The server did not start; the message ends with its log."""


class ServerGoneError(EmbeddedPostgresError):
    """The server stopped while it was in use; the message ends with its log."""


class StopError(EmbeddedPostgresError):
    """The server did not stop in time."""
