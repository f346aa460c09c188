"""Small worlds in which every vector is known."""

from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from bench.verify.recompute import Expected

NOON_MS = 1_750_000_000_000
NOW_MS = NOON_MS + 1_000_000_000
MINUTE_MS = 60_000
DAY_MS = 86_400_000

DIRECTIONS = {
    "East": (1.0, 0.0, 0.0),
    "North": (0.0, 1.0, 0.0),
    "Up": (0.0, 0.0, 1.0),
    "West": (-1.0, 0.0, 0.0),
    "Slant": (0.6, 0.8, 0.0),
    "Nothing": (0.0, 0.0, 0.0),
}


def vectors(texts: list[str], kind: str) -> NDArray[np.float16]:
    """A text is the name of its direction; a query points the other way."""
    sign = 1.0 if kind == "document" else -1.0
    return np.array([DIRECTIONS[text] for text in texts], np.float16) * np.float16(sign)


def catalogue() -> list[dict[str, Any]]:
    """An item for each direction but the one of length 0."""
    return [
        {"item_id": title.lower(), "title": title} for title in DIRECTIONS if title != "Nothing"
    ]


def event(number: int, action: str, at_ms: int, item: str | None, **more: Any) -> dict[str, Any]:
    """An event of ada, or of another `user`."""
    made = {
        "event_id": number,
        "user_id": more.pop("user", "ada"),
        "action": action,
        "event_time": at_ms,
        **more,
    }
    return made if item is None else {**made, "item_id": item}


def row(expected: Expected, kind: str, user: str = "ada") -> tuple[list[float], float, int]:
    """Unit vector, weight and as_of in ms of a window."""
    windows = expected.windows
    at = windows.rows[user, kind]
    return windows.units[at].tolist(), float(windows.weights[at]), int(windows.as_of_ms[at])


def key_of(number: int, user: str = "ada") -> int:
    """The key of the event with this id."""
    return xxhash.xxh3_64_intdigest(f"{user}\0{number}".encode())
