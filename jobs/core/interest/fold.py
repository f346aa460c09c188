"""Folds a batch of joined events into the states of their users: the heart of the job."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.catalogue import Catalogue
from jobs.core.interest.contributions import Contributions, contributions_of
from jobs.core.interest.decayed_sums import update_sums
from jobs.core.interest.due_rows import Write, due_rows
from jobs.core.interest.fold_settings import CHUNK, FoldSettings
from jobs.core.interest.folded import Folded, InterestRows, concatenated
from jobs.core.interest.histories import histories
from jobs.core.interest.joined_events import JoinedEvents
from jobs.core.interest.last_interactions import update_last
from jobs.core.interest.new_pairs import new_pairs
from jobs.core.interest.packed_records import pack_records, unpack_records
from jobs.core.interest.rank_windows import recent_weights, session_moved, session_weights
from jobs.core.interest.user_rows import (
    LastVectors,
    WindowRows,
    last_vectors,
    rank_rows,
    sum_rows,
    user_interests,
)
from jobs.core.interest.user_state import (
    InteractionColumns,
    Layout,
    Records,
    UserEntry,
    interaction_columns,
    make_entry,
)
from jobs.core.neighbors.marks import is_text


def fold(
    entries: Sequence[UserEntry | None],
    events: JoinedEvents,
    catalogue: Catalogue,
    settings: FoldSettings,
    *,
    write: Write = Write.NOW,
    version: int = 0,
) -> Folded:
    """Fold `events` into the `entries` of their users, and compute the rows to write.

    `events.user` are indices into `entries`, where None is a user without state. `write` says
    which rows to write. `version` is the first version of new users (see `Layout.empty`). The
    entries' event ids stay as they are: the caller adds the new ones (`event_ids.with_new_ids`).
    `CHUNK` users are folded at a time, in four steps:

    1. Unpack the records, and count the events.
    2. Add the events' contributions to the half-life windows, the pairs of items and the last
       interactions; subtract what the events undo.
    3. Choose the rows that are due, and compute them.
    4. Pack the records, and drop texts that are no longer among the last interactions.

    Raises StateSchemaError for a record whose size does not fit the layout.

    >>> from jobs.config import Interest
    >>> catalogue = Catalogue(2)
    >>> _ = catalogue.put("moon", np.array([0.0, 1.0], dtype=np.float16))
    >>> one, none = np.array([0]), np.array([-1])
    >>> like = JoinedEvents(
    ...     user=one, time_ms=np.array([1_000]), key=np.array([7], dtype=np.uint64),
    ...     weight=np.array([3.0]), row=one, ref=catalogue.references(one), text_row=none,
    ...     text_ref=np.array([0], dtype=np.uint64), comment=np.array([False]),
    ...     engagement=np.array([3.0]), undo_bit=np.array([255], dtype=np.uint8),
    ...     undoes=np.array([False]), text_vectors=np.empty((0, 2), dtype=np.float16),
    ... )
    >>> found = fold([None], like, catalogue, FoldSettings.of(Interest(), dim=2))
    >>> [(rows.kind, rows.weight.tolist(), rows.vector.tolist()) for rows in found.windows][:2]
    [('recent', [3.0], [[0.0, 1.0]]), ('session', [3.0], [[0.0, 1.0]])]
    >>> found.events.tolist(), found.interests.item_id[0]
    ([1], ['moon'])
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
    return concatenated(parts, CHUNK)


def _fold_chunk(
    entries: Sequence[UserEntry | None],
    events: JoinedEvents,
    catalogue: Catalogue,
    settings: FoldSettings,
    write: Write,
    version: int,
) -> Folded:
    layout = settings.layout
    records = unpack_records(entries, layout, version)
    counts = np.bincount(events.user, minlength=len(records))
    records["version"] += counts
    records["events"] += counts
    np.maximum.at(records["last_ms"], events.user, events.time_ms)

    new, undo_logs = contributions_of(entries, events, catalogue, settings.interest.undo_last_n)
    update_sums(records, new, settings.windows)
    pairs, marks = new_pairs(records, new, catalogue, settings.pairs)
    changed = update_last(records, new, marks)
    records["unwritten"][:, -1] += counts

    due = due_rows(records, settings, write)
    if write is Write.ALL:
        changed = records["ring_weight"].any(axis=1)
    texts = _texts(entries, events, layout)
    touched = np.flatnonzero(changed | due[:, -1])
    ring = interaction_columns(records, touched)
    last = last_vectors(ring, catalogue, texts)
    windows: list[WindowRows] = []
    if layout.last_n:
        windows += _rank_windows(records, touched, ring, last, changed, due, new, settings)
    for index, window in enumerate(settings.windows):
        users = np.flatnonzero(due[:, index])
        if users.size:
            windows.append(sum_rows(records, users, window.name, index))
    is_written = np.flatnonzero(due[touched, -1])
    written_users = touched[is_written]
    ring = {name: column[is_written] for name, column in ring.items()}
    written_last = last.of(is_written)
    interests = _interests(ring, written_last, catalogue, settings)
    records["unwritten"][due] = 0

    return Folded(
        entries=_packed(entries, records, texts, undo_logs),
        version=records["version"].copy(),
        written_users=written_users,
        events=records["events"][written_users],
        last_ms=records["last_ms"][written_users],
        interests=interests,
        windows=windows,
        deferred=np.flatnonzero(records["unwritten"].any(axis=1)),
        pairs=pairs,
        histories=histories(ring, written_last) if settings.histories else None,
    )


def _rank_windows(
    records: Records,
    users: NDArray[np.intp],
    ring: InteractionColumns,
    last: LastVectors,
    changed: NDArray[np.bool_],
    due: NDArray[np.bool_],
    new: Contributions,
    settings: FoldSettings,
) -> list[WindowRows]:
    """Rows of `recent` and `session` for `users`, which are indices into the chunk.

    `ring` and `last` have a row per entry of `users`; `records`, `changed`, `due` and `new` are
    about all users of the chunk.
    """
    interest = settings.interest
    weights = {
        "recent": recent_weights(ring, interest.recent_half_life_events),
        "session": session_weights(ring, interest.session_gap_s * 1000),
    }
    is_written = {"recent": changed[users], "session": changed[users]}
    if "session" not in interest.at_once:
        moved = session_moved(
            weights["session"], records["unwritten"][users, -1], interest.slow_share
        )
        moved |= np.isin(users, new.user[new.multiplicity < 0])
        # Users without interactions have no session row to refresh.
        has_interactions = ring["ring_weight"].any(axis=1)
        is_written["session"] = (due[users, -1] & has_interactions) | (changed[users] & moved)
    return rank_rows(weights, is_written, users, ring["ring_ms"][:, 0], last)


def _interests(
    ring: InteractionColumns,
    last: LastVectors,
    catalogue: Catalogue,
    settings: FoldSettings,
) -> InterestRows:
    """Interests of the users whose last interactions are `ring` and `last`."""
    layout, interest = settings.layout, settings.interest
    users = len(last.row)
    if not layout.last_n or not users:
        return InterestRows.none(users, interest.max_interests)
    found = user_interests(
        ring,
        last,
        half_life_events=interest.interest_half_life_events,
        cosine=interest.interest_cosine,
        max_interests=interest.max_interests,
    )
    # A medoid is an item and never a text, so its row is a row of the catalogue.
    rows = np.take_along_axis(last.row, np.maximum(found.medoid, 0), axis=1)
    ids = catalogue.ids
    return InterestRows(
        (found.medoid >= 0).sum(axis=1),
        [
            [ids[row] if medoid >= 0 else "" for row, medoid in zip(*columns, strict=True)]
            for columns in zip(rows.T.tolist(), found.medoid.T.tolist(), strict=True)
        ],
        found.share,
        found.size,
    )


def _texts(
    entries: Sequence[UserEntry | None], events: JoinedEvents, layout: Layout
) -> NDArray[np.void]:
    """Texts of the users' last interactions and of the batch, in the layout's `text_dtype`."""
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
    undo_logs: dict[int, bytes],
) -> list[UserEntry]:
    """Entries with new records and undo logs, and the texts of their last interactions."""
    kept: dict[int, bytes] = {}
    if len(texts):
        distinct = texts[np.unique(texts["ref"], return_index=True)[1]]
        text = is_text(records["ring_mark"])
        for index in np.flatnonzero(text.any(axis=1)).tolist():
            refs = records["ring_ref"][index][text[index]]
            kept[index] = distinct[np.isin(distinct["ref"], refs)].tobytes()
    packed = []
    empty = UserEntry(b"")
    for index, (entry, record) in enumerate(zip(entries, pack_records(records), strict=True)):
        _, ids, _, old_log, layout = entry or empty
        undo_log = undo_logs.get(index, old_log)
        packed.append(make_entry((record, ids, kept.get(index, b""), undo_log, layout)))
    return packed
