"""Lines of the contract, and whose they are where that is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class LinesOfUsers:
    """Lines of events; `users` are their users' ids, texts or whole numbers, one for each line.

    `users` is None where only the lines tell. `may_have_text` is False where no line has a text.
    """

    lines: list[bytes]
    users: Sequence[Any] | None = None
    may_have_text: bool = True
