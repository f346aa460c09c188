"""Named instants, vectors, items and small records for tests of the job."""

from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from jobs.action_settings import DEFAULT_ACTIONS
from jobs.config import Config
from jobs.core.event_key import event_keys
from jobs.core.interest.catalogue import Catalogue
from jobs.core.interest.weights import ActionTable
from jobs.core.job_identity import JobIdentity
from jobs.core.parsing.rules import Rules
from jobs.operators.settings import OperatorSettings
from jobs.texts.sentiment import Sentiment

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000
NOON_MS = 1_773_144_000_000
"""2026-03-10T12:00:00Z."""
NOON = "2026-03-10T12:00:00Z"

DIM = 4
ACTION_BITS = {name: bit for bit, name in enumerate(DEFAULT_ACTIONS)}
RULES = Rules(frozenset(DEFAULT_ACTIONS))
ACTIONS = ActionTable.of(DEFAULT_ACTIONS, ACTION_BITS)

EAST = (1.0, 0.0, 0.0, 0.0)
NORTH = (0.0, 1.0, 0.0, 0.0)
UP = (0.0, 0.0, 1.0, 0.0)
INWARD = (0.0, 0.0, 0.0, 1.0)
SLANT = (0.6, 0.8, 0.0, 0.0)
ITEMS = {"east": EAST, "north": NORTH, "up": UP, "slant": SLANT}


def event(number: int | str, **fields: Any) -> dict[str, Any]:
    """Ada likes item `east` at noon; `fields` replace fields, or leave them out if None."""
    record = {
        "event_id": f"e{number}" if isinstance(number, int) else number,
        "user_id": "ada",
        "action": "like",
        "item_id": "east",
        "event_time": NOON_MS,
        **fields,
    }
    return {name: value for name, value in record.items() if value is not None}


def line(record: dict[str, Any]) -> bytes:
    """The raw line of a record."""
    return orjson.dumps(record)


def event_line(number: int | str, **fields: Any) -> bytes:
    """The raw line of `event`."""
    return line(event(number, **fields))


def search_line(number: int | str, text: str, **fields: Any) -> bytes:
    """The raw line of a search for `text`, without an item."""
    return event_line(number, **{"action": "search", "item_id": None, "text": text, **fields})


def item_line(item_id: str, **fields: Any) -> bytes:
    return line({"item_id": item_id, "title": item_id.title(), **fields})


def command_line(user_id: str, command: str) -> bytes:
    return line({"user_id": user_id, "command": command})


def deletion_line(item_id: str | int, **fields: Any) -> bytes:
    """The raw line of a command to delete an item."""
    return line({"command": "delete_item", "item_id": item_id, **fields})


def key_of(event_id: str, user_id: str = "ada") -> int:
    """The event key."""
    return int(event_keys([user_id], [event_id])[0])


def half(vector: Any) -> NDArray[np.float16]:
    """The numbers as float16."""
    return np.array(vector, dtype=np.float16)


def unit_rows(count: int, dim: int, seed: int = 0) -> NDArray[np.float32]:
    """`(count, dim)` unit vectors as float32, rounded to float16 as in the state."""
    rows = np.random.default_rng(seed).standard_normal((count, dim))
    return half(rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def catalogue_of(items: dict[str, Any], dim: int = DIM) -> Catalogue:
    """A catalogue of vectors by item id."""
    catalogue = Catalogue(dim)
    for item_id, vector in items.items():
        catalogue.put(item_id, half(vector))
    return catalogue


def operator_settings(
    dsn: str = "",
    *,
    space_id: int = 1,
    epoch: int = 100,
    dim: int = DIM,
    sentiment: Sentiment | None = None,
    **sections: Any,
) -> OperatorSettings:
    """Settings of a job with the default actions; `sections` are parts of the configuration.

    Without `sentiment` every comment is neutral. Events do not wait for items at the start, and
    nobody looks for sequence models.
    """
    defaults = {
        "database": {"dsn": dsn, "retry_max_wait_s": 0.2},
        "sources": {"items_first": False},
        "sequence": {"enabled": False},
    }
    config = Config.model_validate({**defaults, **sections})
    identity = JobIdentity(
        space_id=space_id,
        dim=dim,
        mean=np.zeros(dim, dtype=np.float32).tobytes(),
        bundle_sha256="aa",
        epoch=epoch,
        action_bits=ACTION_BITS,
    )
    return OperatorSettings(config, identity, sentiment or Sentiment.neutral(dim))
