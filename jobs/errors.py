"""What can go wrong in the job, each with what the person running it should do."""


class InterestreamError(Exception):
    """Base of every error whose message is written for the person at the terminal."""


class ConfigError(InterestreamError):
    """A configuration value cannot be used; the message names the key."""


class EnvironmentNotReadyError(InterestreamError):
    """This machine lacks something that the job needs; the message says what to install."""


class JobFailedError(InterestreamError):
    """The Flink job ended or restarts in circles; the message carries its root cause."""


class ReplayStalledError(InterestreamError):
    """A replay was fed, but the job did not commit all of it in time."""


class StateSchemaError(InterestreamError):
    """The state was written by another layout than this version of the job reads."""


class ClassifierError(InterestreamError):
    """The configured sentiment classifier gave something that is not a number per text."""
