"""What can be wrong with a data set, each with what the person running it should do."""

from jobs.errors import InterestreamError


class DatasetError(InterestreamError):
    """Base of everything that is wrong with a data set."""


class UnknownDatasetError(DatasetError):
    """The path is no data set that is known; the message lists what was looked for."""


class MappingError(DatasetError):
    """A column mapping cannot be used; the message names the key."""


class DatasetFileError(DatasetError):
    """A file of the data set is missing or cannot be read; the message names file and line."""
