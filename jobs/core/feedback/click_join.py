"""Joins impressions with clicks of the same recommendation, in any order of arrival."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from jobs.core.event_key import reference
from jobs.core.feedback.contexts import Cell, Recommended


class Feedback(NamedTuple):
    """An impression, or a click, on an item of a recommendation; the time in epoch milliseconds."""

    user_id: str
    item_id: str
    recommended: Recommended
    time_ms: int
    clicked: bool


class Entry(NamedTuple):
    """What is known of an item of a recommendation; times in epoch milliseconds.

    `cell` is that of the impression, None before there is one. `clicked_ms` is the earliest click
    that waits for its impression, or None. `joined` says whether a click was counted.
    """

    shown_ms: int | None
    clicked_ms: int | None
    cell: Cell | None
    joined: bool

    @property
    def time_ms(self) -> int:
        """The time by which the newest entries are kept."""
        return max(self.shown_ms or 0, self.clicked_ms or 0)


Log = dict[int, Entry]
"""The newest entries of a user, by a 64-bit hash of recommendation and item."""


@dataclass
class JoinSettings:
    """How long a click may be away from its impression in milliseconds, and how many entries of a
    user are kept."""

    window_ms: int
    last_n: int


@dataclass
class ClickSums:
    """What events add to the counts of click-through.

    `places` are the places, by user and item, where items that were clicked had been shown; 0 where
    neither the impression nor the click says it.
    """

    impressions: Counter[Cell] = field(default_factory=Counter)
    clicks: Counter[Cell] = field(default_factory=Counter)
    places: dict[tuple[str, str], int] = field(default_factory=dict)


def join_clicks(
    log: Log, events: Iterable[Feedback], settings: JoinSettings, sums: ClickSums
) -> Log:
    """The log of a user after the user's `events`, whose counts are added to `sums`.

    An item counts as shown once for each recommendation, and as clicked once if a click is at most
    the window away from the impression, before or after it. A click that comes first waits in the
    log. The newest `last_n` entries stay, however old: a job that catches up may read files days
    out of order, so age by event time says nothing about what is still to come.

    >>> shown = Feedback("ada", "moon", Recommended("r1", Cell("new", 2)), 5_000, clicked=False)
    >>> clicked = Feedback("ada", "moon", Recommended("r1", Cell()), 9_000, clicked=True)
    >>> sums = ClickSums()
    >>> log = join_clicks({}, [clicked, shown], JoinSettings(60_000, 100), sums)
    >>> sums.clicks
    Counter({Cell(source='new', place=2, segment='', variant=''): 1})
    """
    log = dict(log)
    for event in events:
        ref = reference(f"{event.recommended.recommendation_id}\0{event.item_id}")
        before = log.get(ref) or Entry(None, None, None, joined=False)
        if event.clicked:
            place = event.recommended.cell.place or (before.cell.place if before.cell else 0)
            sums.places[event.user_id, event.item_id] = place
        after = _clicked(before, event) if event.clicked else _shown(before, event, sums)
        log[ref] = _joined(after, settings.window_ms, sums)
    return _newest(log, settings)


def merge_logs(old: Log, into: Log, settings: JoinSettings, sums: ClickSums) -> Log:
    """The log of two users who are one; clicks of one on what the other was shown are counted."""
    log = dict(into)
    for ref, entry in old.items():
        own = log.get(ref)
        if own is None:
            log[ref] = entry
            continue
        clicks = [ms for ms in (entry.clicked_ms, own.clicked_ms) if ms is not None]
        shown = own if own.shown_ms is not None else entry
        both = Entry(
            shown.shown_ms, min(clicks, default=None), shown.cell, entry.joined or own.joined
        )
        log[ref] = _joined(both, settings.window_ms, sums)
    return _newest(log, settings)


def pack_log(log: Log) -> bytes:
    """The log as bytes for the state; cells are written once."""
    cells = {cell: n for n, cell in enumerate({entry.cell: None for entry in log.values()})}
    rows = [
        (ref, entry.shown_ms, entry.clicked_ms, cells[entry.cell], entry.joined)
        for ref, entry in log.items()
    ]
    return msgspec.msgpack.encode((list(cells), rows))


def unpack_log(packed: bytes) -> Log:
    """The log that `pack_log` has packed; empty bytes are an empty log."""
    if not packed:
        return {}
    cells, rows = msgspec.msgpack.decode(packed)
    known: Mapping[int, Cell | None] = {
        n: None if cell is None else Cell(*cell) for n, cell in enumerate(cells)
    }
    return {ref: Entry(shown, click, known[n], joined) for ref, shown, click, n, joined in rows}


def _shown(entry: Entry, event: Feedback, sums: ClickSums) -> Entry:
    if entry.shown_ms is not None:
        return entry
    cell = event.recommended.cell
    sums.impressions[cell] += 1
    return entry._replace(shown_ms=event.time_ms, cell=cell)


def _clicked(entry: Entry, event: Feedback) -> Entry:
    if entry.joined:
        return entry
    clicked_ms = entry.clicked_ms
    if entry.shown_ms is None and clicked_ms is not None:
        return entry._replace(clicked_ms=min(clicked_ms, event.time_ms))
    return entry._replace(clicked_ms=event.time_ms)


def _joined(entry: Entry, window_ms: int, sums: ClickSums) -> Entry:
    """The entry, counted as clicked where its click is near enough."""
    if entry.joined or entry.shown_ms is None or entry.clicked_ms is None or entry.cell is None:
        return entry
    if abs(entry.clicked_ms - entry.shown_ms) > window_ms:
        return entry._replace(clicked_ms=None)
    sums.clicks[entry.cell] += 1
    return entry._replace(clicked_ms=None, joined=True)


def _newest(log: Log, settings: JoinSettings) -> Log:
    ordered = sorted(log.items(), key=lambda pair: (pair[1].time_ms, pair[0]))
    return dict(ordered[-settings.last_n :])
