"""What every stream that records are appended to has in common."""

from collections.abc import Sequence
from typing import Literal, Protocol

StreamName = Literal["events", "items"]


class Appender(Protocol):
    """Appends lines to one stream."""

    async def append(self, lines: Sequence[bytes]) -> None:
        """Return when all of them are durable. Raises AppendError; some may be in the stream
        then."""
