"""An embedded PostgreSQL with pgvector from a pip package, for local use, demo and tests."""

from jobs.local.postgres.data_directory import PASSWORD_FILE, binaries
from jobs.local.postgres.errors import (
    AlreadyRunningError,
    DataDirError,
    EmbeddedPostgresError,
    NotInstalledError,
    PortTakenError,
    ServerGoneError,
    StartError,
    StopError,
)
from jobs.local.postgres.server import (
    LOG_FILE,
    Server,
    embedded_postgres,
    log_tail,
    running,
    start,
    stop,
    temporary_postgres,
)

__all__ = [
    "LOG_FILE",
    "PASSWORD_FILE",
    "AlreadyRunningError",
    "DataDirError",
    "EmbeddedPostgresError",
    "NotInstalledError",
    "PortTakenError",
    "Server",
    "ServerGoneError",
    "StartError",
    "StopError",
    "binaries",
    "embedded_postgres",
    "log_tail",
    "running",
    "start",
    "stop",
    "temporary_postgres",
]
