"""Errors of the job; each message says what the person running it should do."""


class InterestreamError(Exception):
    """Base of all errors whose message is meant for the person at the terminal."""


class ConfigError(InterestreamError):
    """A configuration value cannot be used; the message names the key."""


class EnvironmentNotReadyError(InterestreamError):
    """This machine lacks something that the job needs; the message says what to install."""


class JobFailedError(InterestreamError):
    """The Flink job ended or keeps restarting; the message includes the root cause."""


class DiskSpaceError(InterestreamError):
    """The disk is too full to start; the message says how much is missing."""


class BundleMismatchError(InterestreamError):
    """The encoder bundle is not the one that the space was built with."""


class PostgresUnreachableError(InterestreamError):
    """Postgres did not take a batch within `patience_s`; the job restarts from its checkpoint."""


class PostgresRefusedError(InterestreamError):
    """Postgres refused a batch for a reason that does not pass; the message says what to do."""


class SpaceGoneError(InterestreamError):
    """The space of the job was deleted while it ran; the message says what to do."""


class PostgresGoneError(InterestreamError):
    """Postgres stopped while a command was reading from it; the message says what is kept."""


class ReplayStalledError(InterestreamError):
    """The job did not commit all records of a replay in time."""


class StateSchemaError(InterestreamError):
    """The state does not fit the job: it has another space, dimension or record size."""


class OtherCodeError(InterestreamError):
    """The job was submitted with another version of the package than the TaskManager has."""


class ClassifierError(InterestreamError):
    """The configured sentiment classifier did not return one number per text."""


class StandbyEndsError(InterestreamError):
    """The job was stopped while this JobManager stood by: it has nothing to take over."""


class LaterTaskError(InterestreamError):
    """A task of a later start writes the same rows, and this one must not write any more."""


class LostBatchError(InterestreamError):
    """A claim check refers to a batch that is not in this process."""
