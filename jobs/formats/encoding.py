"""What an encoding does: it reads the bytes of values and keys."""

from collections.abc import Mapping
from typing import Any, Protocol

from jobs.core.parsing.json_records import has_null
from jobs.formats.errors import UnreadableRecordError

Headers = Mapping[str, bytes | None]


def refuse_null_characters(row: Any) -> None:
    """Raise UnreadableRecordError where a text of a row holds one, which no table takes."""
    for found in row.values() if type(row) is dict else (row,):
        kind = type(found)
        if ("\0" in found) if kind is str else (kind is list or kind is dict) and has_null(found):
            raise UnreadableRecordError("null_character")


class Encoding(Protocol):
    """Reads values and keys; its methods raise UnreadableRecordError."""

    @property
    def is_json(self) -> bool:
        """Whether values are JSON."""

    def value(self, raw: bytes, headers: Headers | None) -> Any:
        """The object of a value, plain as JSON is; None where it stands for no value."""

    def key(self, raw: bytes, headers: Headers | None) -> Any:
        """An object, a text or an integer."""
