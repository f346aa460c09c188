"""How a file of a data set is written, as its mapping says."""

from dataclasses import dataclass, fields


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
