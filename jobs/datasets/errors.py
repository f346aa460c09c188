"""The errors of data sets; each message names the file, column or key to correct."""

from jobs.errors import InterestreamError
from jobs.mapping.errors import MappingError

__all__ = ["DatasetError", "DatasetFileError", "MappingError", "UnknownDatasetError"]


class DatasetError(InterestreamError):
    """Base of all errors of data sets."""


class UnknownDatasetError(DatasetError):
    """The path is not a known data set; the message lists the known ones."""


class DatasetFileError(DatasetError):
    """A file of the data set is missing or cannot be read; the message names file and line."""
