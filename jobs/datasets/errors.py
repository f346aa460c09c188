"""The errors of data sets; each message names the file, column or key to correct."""

from jobs.errors import InterestreamError


class DatasetError(InterestreamError):
    """Base of all errors of data sets."""


class UnknownDatasetError(DatasetError):
    """The path is not a known data set; the message lists the known ones."""


class MappingError(DatasetError):
    """A column mapping cannot be used; the message names the key."""


class DatasetFileError(DatasetError):
    """A file of the data set is missing or cannot be read; the message names file and line."""
