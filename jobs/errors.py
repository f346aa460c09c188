"""What can go wrong in the job, each with what the person running it should do."""


class InterestreamError(Exception):
    """Base of every error whose message is written for the person at the terminal."""


class ConfigError(InterestreamError):
    """A configuration value cannot be used; the message names the key."""


class EnvironmentNotReadyError(InterestreamError):
    """This machine lacks something that the job needs; the message says what to install."""


class JobFailedError(InterestreamError):
    """The Flink job ended or restarts in circles; the message carries its root cause."""


class DiskSpaceError(InterestreamError):
    """The disk is too full to start; the message says how much is missing."""


class BundleMismatchError(InterestreamError):
    """The encoder bundle is not the one that the space was built with."""


class PostgresUnreachableError(InterestreamError):
    """Postgres did not take a batch for so long that the job starts again from its checkpoint."""


class PostgresGoneError(InterestreamError):
    """Postgres went away while somebody watched; the message says what becomes of their data."""


class ReplayStalledError(InterestreamError):
    """A replay was fed, but the job did not commit all of it in time."""


class StateSchemaError(InterestreamError):
    """The state was written by another layout than this version of the job reads."""


class ClassifierError(InterestreamError):
    """The configured sentiment classifier gave something that is not a number per text."""


class LostBatchError(InterestreamError):
    """A batch is not where it was handed over."""
