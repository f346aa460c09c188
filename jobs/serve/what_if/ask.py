"""Asks Postgres what a list would be, with the rows that the core computes."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from jobs.action_settings import Action
from jobs.config import Interest
from jobs.core.interest.added_event import Floats, Past, RowsAfter, WindowRow, add_event
from jobs.core.interest.weights import ActionTable, signed_weights
from jobs.core.kernels.loaded import numpy_alone
from jobs.serve.database import Connection
from jobs.serve.what_if.past_events import past_events

KEPT = 2_000
"""Items of the past that are read, the newest ones."""
OF_TODAY = timedelta(days=2)
"""Where the newest event is older than this, the data is a replay, and its time stands still."""

_SPACE = """
SELECT interestream.chosen_space(%(space)s::integer) AS space_id, clock_timestamp() AS now,
    interestream.newest_interaction() AS newest
"""
_WINDOWS = """
SELECT w.kind, w.embedding::text AS vector, w.weight, w.as_of
FROM interestream.user_windows AS w WHERE w.space_id = %(space)s AND w.user_id = %(user)s
"""
_PAST = """
SELECT o.item_id, o.first_at, o.signal, o.signal_at, v.embedding::text AS vector,
    ARRAY(
        SELECT a.action FROM interestream.actions AS a
        WHERE o.actions & (1::bigint << a.bit) <> 0 ORDER BY a.bit
    ) AS names
FROM interestream.user_items AS o
JOIN interestream.item_vectors AS v ON v.space_id = %(space)s AND v.item_id = o.item_id
WHERE o.user_id = %(user)s AND o.signal_at IS NOT NULL
ORDER BY o.signal_at DESC, o.signal_key DESC
LIMIT %(kept)s
"""
_ITEM = """
SELECT v.embedding::text AS vector, i.title
FROM interestream.items AS i
JOIN interestream.item_vectors AS v ON v.space_id = %(space)s AND v.item_id = i.item_id
WHERE i.item_id = %(item)s
"""
_RECOMMEND_IF = """
SELECT r.* FROM interestream.recommend_if(
    %(user)s, %(item)s, %(bits)s::bigint, %(signal)s::real, %(at)s,
    %(kinds)s::text[], %(vectors)s::halfvec[], %(weights)s::real[],
    %(interest_items)s::text[], %(interest_weights)s::real[], %(interest_sizes)s::integer[],
    p_k => %(k)s::integer, p_categories => %(categories)s::text[], p_space => %(space)s::integer,
    p_diversity => %(diversity)s::float8, p_explore => %(explore)s::float8
) AS r
"""


class UnknownItemError(LookupError):
    """The item has no vector in the space, so nothing can be computed."""


@dataclass(frozen=True)
class SupposedEvent:
    """What is supposed to happen: an action on an item, with a value where it has one."""

    item_id: str
    action: str
    value: float | None = None

    def weight(self, actions: Mapping[str, Action]) -> float:
        """Return the signed weight that the job gives it. Raises KeyError for another action."""
        table = ActionTable.of(actions, {name: bit for bit, name in enumerate(actions)})
        value = np.array([np.nan if self.value is None else self.value])
        return float(signed_weights(table, table.encode([self.action]), value)[0])


@dataclass(frozen=True)
class Answer:
    """The list after the event, its time, and the title of its item."""

    rows: list[dict[str, Any]]
    at: datetime
    title: str
    after: RowsAfter


async def ask_what_if(
    db: Connection,
    user_id: str,
    event: SupposedEvent,
    arguments: Mapping[str, object],
    actions: Mapping[str, Action],
    interest: Interest,
    at: datetime | None = None,
) -> Answer:
    """Return the list of `arguments` (see `ListSettings.parameters`) after the event.

    `db` is in a transaction that may write. The event happens `at` that time, by default now; where
    the newest event is older than OF_TODAY, at its time. Raises UnknownItemError, KeyError for an
    action that is not configured, psycopg.Error.
    """
    space = await (await db.execute(_SPACE, {"space": arguments["space"]})).fetchone()
    assert space is not None
    named = {"space": space["space_id"], "user": user_id, "item": event.item_id, "kept": KEPT}
    item = await (await db.execute(_ITEM, named)).fetchone()
    if item is None:
        raise UnknownItemError(event.item_id)
    newest = space["newest"]
    if at is None:
        replayed = newest is not None and space["now"] - newest > OF_TODAY
        at = newest if replayed else max(space["now"], newest or space["now"])
    windows = await (await db.execute(_WINDOWS, named)).fetchall()
    past = await (await db.execute(_PAST, named)).fetchall()
    weight = event.weight(actions)
    # Thousands of vectors may have to be read: other requests go on meanwhile.
    after = await asyncio.to_thread(
        rows_after,
        windows,
        past,
        event.item_id,
        item["vector"],
        weight,
        at,
        actions,
        interest,
    )
    bits = await db.execute(
        "SELECT 1::bigint << a.bit AS bits FROM interestream.actions AS a WHERE a.action = %s",
        (event.action,),
    )
    bit = await bits.fetchone()
    if bit is None:
        raise KeyError(event.action)
    answer = await db.execute(
        _RECOMMEND_IF,
        {
            **arguments,
            **named,
            "bits": bit["bits"],
            "signal": weight or None,
            "at": at,
            "kinds": list(after.windows),
            "vectors": [_text(row.vector) for row in after.windows.values()],
            "weights": [row.weight for row in after.windows.values()],
            "interest_items": after.interest_items,
            "interest_weights": after.interest_weights,
            "interest_sizes": after.interest_sizes,
        },
    )
    return Answer(await answer.fetchall(), at, item["title"], after)


def rows_after(
    windows: list[dict[str, Any]],
    past: list[dict[str, Any]],
    item_id: str,
    vector: str,
    weight: float,
    at: datetime,
    actions: Mapping[str, Action],
    interest: Interest,
) -> RowsAfter:
    """Return the rows of a user after an event, of rows whose vectors are text.

    By numpy alone: kernels are compiled for seconds when a process first calls them, and one event
    is computed in milliseconds without.
    """
    of_item = _vector(vector)
    rows = {
        row["kind"]: WindowRow(_vector(row["vector"]), row["weight"], _ms(row["as_of"]))
        for row in windows
    }
    known = _past(past, actions, of_item)
    with numpy_alone():
        return add_event(rows, known, item_id, of_item, weight, _ms(at), interest)


def _past(rows: list[dict[str, Any]], actions: Mapping[str, Action], like: Floats) -> Past:
    vectors = {row["item_id"]: _vector(row["vector"]) for row in rows}
    events = past_events(rows, actions)
    return Past(
        [event.item_id for event in events],
        np.array([vectors[event.item_id] for event in events], dtype=np.float32).reshape(
            len(events), len(like)
        ),
        np.array([event.weight for event in events], dtype=np.float64),
        np.array([event.time_ms for event in events], dtype=np.int64),
    )


def _vector(text: str) -> Floats:
    return np.fromstring(text.strip("[]"), dtype=np.float32, sep=",")


def _text(vector: Floats) -> str:
    return "[" + ",".join(f"{number:.6g}" for number in vector) + "]"


def _ms(at: datetime) -> int:
    return round((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))
