"""Adds the state of one user to that of another, as if all events had been one user's.

Every part of a state is a join: decayed sums add up, the newest of a union of interactions are the
newest of the parts' newest, and an undo log decides which events of the other log are undone.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.catalogue import Catalogue
from jobs.core.interest.contributions import Contributions
from jobs.core.interest.decayed_sums import update_sums
from jobs.core.interest.fold_settings import FoldSettings
from jobs.core.interest.last_interactions import update_last
from jobs.core.interest.packed_records import pack_records, unpack_records
from jobs.core.interest.undo import UNDO_ENTRY, UndoLog, undo
from jobs.core.interest.user_state import NEVER, Layout, Records, UserEntry
from jobs.core.interest.vectors import Vectors
from jobs.core.neighbors.marks import is_text

_RING = ("ring_ms", "ring_key", "ring_ref", "ring_weight", "ring_mark")


def merge_users(
    old: UserEntry,
    into: UserEntry | None,
    catalogue: Catalogue,
    settings: FoldSettings,
    *,
    version: int,
    layout: int,
) -> UserEntry:
    """The entry of a user after the user `old` was merged `into` it; both are in one layout.

    The event ids are those of `into`: ids of `old` are looked up under the old id. `version` is the
    first version of a user without state, `layout` the number of the layout. All rows of the user
    are due. Pairs of items stay as they are.

    Raises StateSchemaError for a record whose size does not fit the layout.
    """
    entries = [old, into or UserEntry(b"")]
    records = unpack_records(entries, settings.layout, version)
    undone, undone_user, undo_log = _undo(entries, settings.interest.undo_last_n)
    if len(undone):
        taken_back = _taken_back(undone, undone_user, catalogue)
        update_sums(records, taken_back, settings.windows)
        update_last(records, taken_back)
    merged = _joined(records, settings)
    (record,) = pack_records(merged)
    texts = _texts(entries, merged, settings.layout)
    return UserEntry(record, entries[1].ids, texts, undo_log, layout)


def _undo(entries: Sequence[UserEntry], keep: int) -> tuple[UndoLog, NDArray[np.intp], bytes]:
    """The events that one user did and the other undid, the indices of their users, the new log."""
    old, into = (entry.undo_log for entry in entries)
    if not old or not keep:
        return np.empty(0, dtype=UNDO_ENTRY), np.empty(0, dtype=np.intp), into
    new = np.frombuffer(old, dtype=UNDO_ENTRY)
    found = undo([into], new, np.zeros(len(new), dtype=np.intp), keep)
    of_old = new[found.undone_early]
    user = np.repeat([0, 1], [len(of_old), len(found.undone)])
    return np.concatenate([of_old, found.undone]), user, found.kept[0]


def _taken_back(undone: UndoLog, user: NDArray[np.intp], catalogue: Catalogue) -> Contributions:
    """Contributions that subtract the events, with the current vectors of their items."""
    row = catalogue.rows_of_references(undone["ref"])
    known = np.flatnonzero(row >= 0)
    undone, count = undone[known], len(known)
    return Contributions(
        user=user[known],
        time_ms=undone["ms"],
        key=undone["key"],
        weight=undone["weight"],
        multiplicity=np.full(count, -1.0),
        row=row[known],
        ref=undone["ref"],
        is_text=np.zeros(count, dtype=bool),
        likes=np.ones(count, dtype=bool),
        engages=undone["weight"] > 0,
        vectors=Vectors(catalogue.matrix, np.empty((0, catalogue.matrix.shape[1]), np.float32)),
        position=np.full(count, -1),
        undone_at=np.zeros(count, dtype=np.intp),
    )


def _joined(records: Records, settings: FoldSettings) -> Records:
    """One record `(1,)` of the two `(2,)`."""
    merged = settings.layout.empty(1)
    merged["version"] = records["version"].max() + 1
    merged["events"] = records["events"].sum()
    merged["last_ms"] = records["last_ms"].max()
    # An empty window has no sum to decay, and the difference to NEVER would overflow.
    as_of = records["as_of"].max(axis=0)
    age_ms = np.where(records["as_of"] == NEVER, 0, as_of - records["as_of"]).astype(np.float64)
    half_lives = np.array([window.half_life_ms for window in settings.windows])
    keep = np.exp2(-age_ms / half_lives)
    merged["as_of"] = as_of
    merged["weight"] = (records["weight"] * keep).sum(axis=0)
    merged["sum"] = (records["sum"] * keep[:, :, None].astype(np.float32)).sum(axis=0)
    ring = {name: records[name].ravel() for name in _RING}
    newest = np.lexsort((ring["ring_key"], ring["ring_ms"], ring["ring_weight"] != 0))[::-1]
    for name in _RING:
        merged[name] = ring[name][newest[: settings.layout.last_n]]
    # At least `tiny`: a window whose time alone has changed must be written, too.
    merged["unwritten"][:, :-1] = np.where(as_of == NEVER, 0, np.finfo(np.float32).tiny)
    merged["unwritten"][:, -1] = merged["events"]
    return merged


def _texts(entries: Sequence[UserEntry], merged: Records, layout: Layout) -> bytes:
    """The texts among the merged last interactions."""
    texts = np.frombuffer(b"".join(entry.texts for entry in entries), dtype=layout.text_dtype)
    distinct = texts[np.unique(texts["ref"], return_index=True)[1]]
    refs = merged["ring_ref"][is_text(merged["ring_mark"])]
    return distinct[np.isin(distinct["ref"], refs)].tobytes()
