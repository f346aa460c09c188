"""The heart of the job: a batch of joined events folded into the states of their users."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from jobs.config import Interest
from jobs.core.interest.catalogue import Catalogue
from jobs.core.interest.contributions import Contributions
from jobs.core.interest.decayed_sums import Window, update_sums
from jobs.core.interest.last_interactions import update_last
from jobs.core.interest.rank_windows import recent_weights, session_moved, session_weights
from jobs.core.interest.undo import NOT_UNDOABLE, UNDO_ENTRY, UndoLog, undo
from jobs.core.interest.user_rows import (
    LastVectors,
    WindowRows,
    last_vectors,
    merged,
    rank_rows,
    sum_rows,
    user_interests,
)
from jobs.core.interest.user_state import (
    NEVER,
    InteractionColumns,
    Layout,
    Records,
    UserEntry,
    interaction_columns,
    make_entry,
    pack_records,
    read_records,
)
from jobs.core.interest.vectors import Vectors

CHUNK = 2048
"""Users at a time: their records and vectors stay in the processor's cache."""


class Write(Enum):
    """Which rows are wanted: those that must be written now, also those that are waiting to be
    written, or all that there are."""

    NOW = 1
    DEFERRED = 2
    ALL = 3


@dataclass(frozen=True)
class FoldSettings:
    """What the fold needs to know: the state's layout, the windows, and the interest section."""

    layout: Layout
    windows: tuple[Window, ...]
    interest: Interest

    @classmethod
    def of(cls, interest: Interest, dim: int) -> "FoldSettings":
        windows = [Window(name, seconds * 1000) for name, seconds in interest.half_lives_s.items()]
        if interest.dislikes_half_life_s:
            windows.append(Window("dislikes", interest.dislikes_half_life_s * 1000, sign=-1))
        # Last: what most users attend to is what they like, and nothing of its own is kept then.
        if interest.topics_half_life_s:
            windows.append(Window("topics", interest.topics_half_life_s * 1000, sign=0))
        names = tuple(window.name for window in windows)
        return cls(Layout(dim, names, interest.last_n), tuple(windows), interest)


@dataclass(frozen=True)
class JoinedEvents:
    """AcceptedEvents events with their vectors at hand, one entry per event.

    `weight` says how much the user likes it (< 0: dislikes). `row` is the item's row in the
    catalogue, or -1, `ref` its reference; `text_vectors` `(texts, dim)` float16 are the
    vectors of texts, `text_row` an event's index into them, or -1, `text_ref` the reference.
    `comment` tells what the user says from what the user wants; `engagement` weighs it whatever
    its sentiment. `undo_bit` is the action that can be undone, or that the event `undoes`, or
    NOT_UNDOABLE. An event with neither vector counts, but moves nothing.
    """

    user: NDArray[np.intp]
    time_ms: NDArray[np.int64]
    key: NDArray[np.uint64]
    weight: NDArray[np.float64]
    row: NDArray[np.intp]
    ref: NDArray[np.uint64]
    text_row: NDArray[np.intp]
    text_ref: NDArray[np.uint64]
    comment: NDArray[np.bool_]
    engagement: NDArray[np.float64]
    undo_bit: NDArray[np.uint8]
    undoes: NDArray[np.bool_]
    text_vectors: NDArray[np.float16]

    def __len__(self) -> int:
        return len(self.user)

    def of_users(self, order: NDArray[np.intp], first: int) -> "JoinedEvents":
        """The events at `order`, their users multiplicity from `first`."""
        columns = {
            name: getattr(self, name)[order]
            for name in self.__dataclass_fields__
            if name not in {"user", "text_vectors"}
        }
        return JoinedEvents(
            user=self.user[order] - first, text_vectors=self.text_vectors, **columns
        )

    @classmethod
    def none(cls, dim: int) -> "JoinedEvents":
        empty = {
            name: np.empty(0, dtype=dtype)
            for name, dtype in (
                ("user", np.intp),
                ("time_ms", np.int64),
                ("key", np.uint64),
                ("weight", np.float64),
                ("row", np.intp),
                ("ref", np.uint64),
                ("text_row", np.intp),
                ("text_ref", np.uint64),
                ("comment", np.bool_),
                ("engagement", np.float64),
                ("undo_bit", np.uint8),
                ("undoes", np.bool_),
            )
        }
        return cls(**empty, text_vectors=np.empty((0, dim), dtype=np.float16))  # type: ignore[arg-type]


@dataclass(frozen=True)
class InterestRows:
    """Interests of the users whose row is written, strongest first: `count` `(users,)` of
    them; `item_id[k]`, `share[:, k]` and `size[:, k]` are the medoid, the share of the
    weight and the number of interactions of everybody's interest `k` (an empty id: none)."""

    count: NDArray[np.int64]
    item_id: list[list[str]]
    share: NDArray[np.float64]
    size: NDArray[np.int64]


@dataclass(frozen=True)
class Folded:
    """The users' new states and what the tables say about them.

    `version` is per user; `written_users` are the users whose own row is written, `events`,
    `last_ms` and `interests` are theirs; `waiting` are the users with rows that are to be
    written later.
    """

    entries: list[UserEntry]
    version: NDArray[np.int64]
    written_users: NDArray[np.intp]
    events: NDArray[np.int64]
    last_ms: NDArray[np.int64]
    interests: InterestRows
    windows: list[WindowRows]
    waiting: NDArray[np.intp]


def fold(
    entries: Sequence[UserEntry | None],
    events: JoinedEvents,
    catalogue: Catalogue,
    settings: FoldSettings,
    *,
    write: Write = Write.NOW,
    version: int = 0,
) -> Folded:
    """Fold `events` into the states of `users`; the entries' event ids are left as they are.

    `version` is where the versions of new users begin (see `Layout.empty`).
    """
    order = np.argsort(events.user, kind="stable")
    firsts = range(0, max(len(entries), 1), CHUNK)
    ends = np.searchsorted(events.user[order], [*firsts[1:], len(entries)])
    starts = [0, *ends[:-1].tolist()]
    parts = [
        _fold_chunk(
            entries[first : first + CHUNK],
            events.of_users(order[start:end], first),
            catalogue,
            settings,
            write,
            version,
        )
        for first, start, end in zip(firsts, starts, ends.tolist(), strict=True)
    ]
    return _joined(parts)


def _joined(parts: Sequence[Folded]) -> Folded:
    if len(parts) == 1:
        return parts[0]
    firsts = [index * CHUNK for index in range(len(parts))]

    def shifted(name: str) -> NDArray[np.intp]:
        return np.concatenate(
            [getattr(part, name) + first for part, first in zip(parts, firsts, strict=True)]
        )

    kinds: dict[str, list[WindowRows]] = {}
    for part, first in zip(parts, firsts, strict=True):
        for rows in part.windows:
            moved = replace(rows, user=rows.user + first, deleted=rows.deleted + first)
            kinds.setdefault(rows.kind, []).append(moved)
    return Folded(
        entries=[entry for part in parts for entry in part.entries],
        version=np.concatenate([part.version for part in parts]),
        written_users=shifted("written_users"),
        events=np.concatenate([part.events for part in parts]),
        last_ms=np.concatenate([part.last_ms for part in parts]),
        interests=InterestRows(
            np.concatenate([part.interests.count for part in parts]),
            [
                [item for ids in columns for item in ids]
                for columns in zip(*(part.interests.item_id for part in parts), strict=True)
            ],
            np.concatenate([part.interests.share for part in parts]),
            np.concatenate([part.interests.size for part in parts]),
        ),
        windows=[merged(rows) for rows in kinds.values()],
        waiting=shifted("waiting"),
    )


def _fold_chunk(
    entries: Sequence[UserEntry | None],
    events: JoinedEvents,
    catalogue: Catalogue,
    settings: FoldSettings,
    write: Write,
    version: int,
) -> Folded:
    layout, interest = settings.layout, settings.interest
    records = read_records(entries, layout, version)
    counts = np.bincount(events.user, minlength=len(records))
    records["version"] += counts
    records["events"] += counts
    np.maximum.at(records["last_ms"], events.user, events.time_ms)
    new, undo_log = _contributions(entries, events, catalogue, interest.undo_last_n)
    update_sums(records, new, settings.windows)
    changed = update_last(records, new)
    records["unwritten"][:, -1] += counts
    due = _due(records, settings, write)
    if write is Write.ALL:
        changed = records["ring_weight"].any(axis=1)
    texts = _own_texts(entries, events, layout)
    wanted_users = np.flatnonzero(changed | due[:, -1])
    ring = interaction_columns(records, wanted_users)
    last = last_vectors(ring, catalogue, texts)
    windows: list[WindowRows] = []
    if layout.last_n:
        weights = {
            "recent": recent_weights(ring, interest.recent_half_life_events),
            "session": session_weights(ring, interest.session_gap_s * 1000),
        }
        wanted = {"recent": changed[wanted_users], "session": changed[wanted_users]}
        if "session" not in interest.at_once:
            moved = session_moved(
                weights["session"], records["unwritten"][wanted_users, -1], interest.slow_share
            )
            moved |= np.isin(wanted_users, new.user[new.multiplicity < 0])
            # Whoever has no interaction yet has no row that could be behind.
            known = ring["ring_weight"].any(axis=1)
            wanted["session"] = (due[wanted_users, -1] & known) | (changed[wanted_users] & moved)
        windows += rank_rows(weights, wanted, wanted_users, ring["ring_ms"][:, 0], last)
    for index, window in enumerate(settings.windows):
        users = np.flatnonzero(due[:, index])
        if users.size:
            windows.append(sum_rows(records, users, window.name, index))
    place = np.flatnonzero(due[wanted_users, -1])
    written_users = wanted_users[place]
    ring = {name: column[place] for name, column in ring.items()}
    interests = _interests(ring, last.of(place), catalogue, settings)
    records["unwritten"][due] = 0
    return Folded(
        entries=_packed(entries, records, texts, undo_log),
        version=records["version"].copy(),
        written_users=written_users,
        events=records["events"][written_users],
        last_ms=records["last_ms"][written_users],
        interests=interests,
        windows=windows,
        waiting=np.flatnonzero(records["unwritten"].any(axis=1)),
    )


def _due(records: Records, settings: FoldSettings, write: Write) -> NDArray[np.bool_]:
    """`(users, windows + 1)` what is written now: the half-life windows and the user's row."""
    interest = settings.interest
    due: NDArray[np.bool_] = records["unwritten"] > 0
    if write is Write.ALL:
        due[:, :-1] = records["as_of"] != NEVER
        due[:, -1] = True
    elif write is Write.NOW and interest.slow_delay_s:
        # How far a user's interests can have moved: no further back than their half-life sees.
        reach = np.minimum(records["events"], interest.interest_half_life_events / np.log(2))
        moved = records["unwritten"] >= interest.slow_share * np.c_[records["weight"], reach]
        moved[:, [window.name in interest.at_once for window in settings.windows] + [False]] = True
        due &= moved
    return due


def _interests(
    ring: InteractionColumns,
    last: LastVectors,
    catalogue: Catalogue,
    settings: FoldSettings,
) -> InterestRows:
    layout, interest = settings.layout, settings.interest
    users = len(last.row)
    if not layout.last_n or not users:
        nothing = np.zeros((users, interest.max_interests))
        return InterestRows(
            np.zeros(users, dtype=np.int64),
            [[""] * users for _ in range(interest.max_interests)],
            nothing,
            nothing.astype(np.int64),
        )
    found = user_interests(
        ring,
        last,
        half_life_events=interest.interest_half_life_events,
        cosine=interest.interest_cosine,
        max_interests=interest.max_interests,
    )
    # A medoid is an item: its row is one of the catalogue.
    rows = np.take_along_axis(last.row, np.maximum(found.place, 0), axis=1)
    ids = catalogue.ids
    return InterestRows(
        (found.place >= 0).sum(axis=1),
        [
            [ids[row] if place >= 0 else "" for row, place in zip(*columns, strict=True)]
            for columns in zip(rows.T.tolist(), found.place.T.tolist(), strict=True)
        ],
        found.share,
        found.size,
    )


def _contributions(
    entries: Sequence[UserEntry | None],
    events: JoinedEvents,
    catalogue: Catalogue,
    keep_marks: int,
) -> tuple[Contributions, dict[int, bytes]]:
    """What the events contribute, and the new undo_log of the users who have any."""
    has_text = events.text_row >= 0
    # What a user says is about the item, where there is one.
    by_text = has_text & (~events.comment | (events.row < 0))
    liking = np.flatnonzero((events.weight != 0) & (by_text | (events.row >= 0)))
    saying = np.flatnonzero(events.comment & has_text & (events.engagement > 0))
    multiplicity = np.ones(len(events))
    back, undone_user, undo_log = _undo(entries, events, multiplicity, keep_marks)
    back_row = catalogue.rows_of_references(back["ref"])
    known = back_row >= 0
    back, undone_user, back_row = back[known], undone_user[known], back_row[known]
    both = np.concatenate([liking, saying])
    is_text = np.concatenate(
        [by_text[liking], np.ones(len(saying), dtype=bool), np.zeros(len(back), dtype=bool)]
    )
    vectors = Vectors(catalogue.matrix, events.text_vectors.astype(np.float32))
    row = np.concatenate([events.row[both], back_row])
    row[is_text] = vectors.text_row(events.text_row[both][is_text[: len(both)]])
    likes = np.ones(len(is_text), dtype=bool)
    likes[len(liking) : len(both)] = False
    weight = np.concatenate([events.weight[liking], events.engagement[saying], back["weight"]])
    engages = weight > 0
    # The engagement of a comment text is written_users by its own contribution.
    engages[: len(liking)] &= ~(events.comment & has_text)[liking]
    return Contributions(
        user=np.concatenate([events.user[both], undone_user]),
        time_ms=np.concatenate([events.time_ms[both], back["ms"]]),
        key=np.concatenate([events.key[both], back["key"]]),
        weight=weight,
        multiplicity=np.concatenate([multiplicity[both], np.full(len(back), -1.0)]),
        row=row,
        ref=np.concatenate(
            [np.where(is_text[: len(both)], events.text_ref[both], events.ref[both]), back["ref"]]
        ),
        is_text=is_text,
        likes=likes,
        engages=engages,
        vectors=vectors,
    ), undo_log


def _undo(
    entries: Sequence[UserEntry | None],
    events: JoinedEvents,
    multiplicity: NDArray[np.float64],
    keep: int,
) -> tuple[UndoLog, NDArray[np.intp], dict[int, bytes]]:
    """Logged events that are undone now and their users, and the users' new undo logs.

    `multiplicity` becomes 0 for events that were undone before they arrived."""
    marked = np.flatnonzero(
        (events.undo_bit != NOT_UNDOABLE)
        & (events.row >= 0)
        & (events.undoes | (events.weight != 0))
    )
    if not marked.size or not keep:
        return np.empty(0, dtype=UNDO_ENTRY), np.empty(0, dtype=np.intp), {}
    users, user = np.unique(events.user[marked], return_inverse=True)
    new = np.zeros(len(marked), dtype=UNDO_ENTRY)
    for name, column in (
        ("ref", events.ref),
        ("key", events.key),
        ("ms", events.time_ms),
        ("weight", events.weight),
        ("bit", events.undo_bit),
        ("undoes", events.undoes),
    ):
        new[name] = column[marked]
    known = [entry.undo_log if (entry := entries[index]) else b"" for index in users.tolist()]
    found = undo(known, new, user, keep)
    multiplicity[marked[found.undone_early]] = 0
    return (
        found.undone,
        users[found.undone_user],
        dict(zip(users.tolist(), found.kept, strict=True)),
    )


def _own_texts(
    entries: Sequence[UserEntry | None], events: JoinedEvents, layout: Layout
) -> NDArray[np.void]:
    """Texts that the users' last interactions point to, and those of the batch."""
    kept = b"".join([entry.texts for entry in entries if entry is not None and entry.texts])
    old = np.frombuffer(kept, dtype=layout.text_dtype)
    chosen = np.flatnonzero(events.text_row >= 0)
    if not chosen.size:
        return old
    new = np.empty(len(chosen), dtype=layout.text_dtype)
    new["ref"] = events.text_ref[chosen]
    new["vector"] = events.text_vectors[events.text_row[chosen]]
    return np.concatenate([old, new])


def _packed(
    entries: Sequence[UserEntry | None],
    records: Records,
    texts: NDArray[np.void],
    undo_log: dict[int, bytes],
) -> list[UserEntry]:
    """Entries with new records, and of the texts those that still stand among the last ones."""
    kept: dict[int, bytes] = {}
    if len(texts):
        own = texts[np.unique(texts["ref"], return_index=True)[1]]
        for index in np.flatnonzero(records["ring_is_text"].any(axis=1)).tolist():
            mine = records["ring_ref"][index][records["ring_is_text"][index]]
            kept[index] = own[np.isin(own["ref"], mine)].tobytes()
    packed = []
    nobody = UserEntry(b"")
    for index, (entry, record) in enumerate(zip(entries, pack_records(records), strict=True)):
        _, ids, _, known, layout = entry or nobody
        packed.append(
            make_entry((record, ids, kept.get(index, b""), undo_log.get(index, known), layout))
        )
    return packed
