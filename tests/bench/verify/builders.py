"""Small worlds in which every vector is known."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

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
    """The title is the direction; what is asked for in words points the other way."""
    sign = 1.0 if kind == "document" else -1.0
    return np.array([DIRECTIONS[text] for text in texts], np.float16) * np.float16(sign)


def catalogue() -> list[dict[str, Any]]:
    return [
        {"item_id": title.lower(), "title": title} for title in DIRECTIONS if title != "Nothing"
    ]


def event(number: int, action: str, at_ms: int, item: str | None, **more: Any) -> dict[str, Any]:
    made = {
        "event_id": number,
        "user_id": more.pop("user", "ada"),
        "action": action,
        "event_time": at_ms,
        **more,
    }
    return made if item is None else {**made, "item_id": item}
