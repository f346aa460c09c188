"""What an encoding does: it reads the bytes of values and keys."""

from collections.abc import Mapping
from typing import Any, Protocol

Headers = Mapping[str, bytes | None]


class Encoding(Protocol):
    """Reads values and keys; its methods raise UnreadableRecordError."""

    @property
    def is_json(self) -> bool:
        """Whether values are JSON."""

    def value(self, raw: bytes, headers: Headers | None) -> Any:
        """The object of a value, plain as JSON is; None where it stands for no value."""

    def key(self, raw: bytes, headers: Headers | None) -> Any:
        """An object, a text or an integer."""
