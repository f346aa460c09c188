"""What can go wrong with the embedded Postgres, each with what the person should do."""

from jobs.errors import InterestreamError


class EmbeddedPostgresError(InterestreamError):
    """The embedded Postgres cannot do what was asked; the message says what to do."""


class NotInstalledError(EmbeddedPostgresError):
    """The package with the binaries is missing."""


class DataDirError(EmbeddedPostgresError):
    """The folder is not a data directory this server can use."""


class AlreadyRunningError(EmbeddedPostgresError):
    """A server runs on this data directory already."""


class PortTakenError(EmbeddedPostgresError):
    """Something else listens on the wanted port."""


class StartError(EmbeddedPostgresError):
    """The server did not come up; the message ends with its log."""


class ServerGoneError(EmbeddedPostgresError):
    """The server went down while it was in use; the message ends with its log."""


class StopError(EmbeddedPostgresError):
    """The server did not go down in time."""
