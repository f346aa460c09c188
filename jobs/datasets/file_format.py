"""How a file of a data set is written, as its mapping says."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from jobs.datasets.errors import MappingError


@dataclass(frozen=True)
class FileFormat:
    """The form of a file; None for what is read off the file itself."""

    format: str | None = None
    """`csv`, `ndjson`, ...; None: as the file's name says."""
    delimiter: str | None = None
    quote: str | None = None
    """An empty text where quotes mean nothing."""
    escape: str | None = None
    header: bool | None = None
    columns: tuple[str, ...] = ()
    """Names of the columns, in place of a header."""
    encoding: str | None = None


FILE_KEYS = tuple(field.name for field in fields(FileFormat))
"""The keys of a mapping that describe the file."""


def file_format(keys: Mapping[str, Any], where: str) -> FileFormat:
    """The format that a mapping's keys describe; `where` begins the messages.

    Raises MappingError, which names the key and what it may be.
    """
    allowed = {"header": (bool, "true or false"), "columns": (list, "a list of names")}
    for key, found in keys.items():
        kind, what = allowed.get(key, (str, "a text"))
        if not isinstance(found, kind):
            raise MappingError(f"{where}{key} cannot be {found!r}: give {what}")
    return FileFormat(**{**keys, "columns": tuple(keys.get("columns", ()))})
