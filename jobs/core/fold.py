"""The heart of the job: a batch of joined events folded into the states of their users."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from jobs.config import Interest
from jobs.core.catalogue import Catalogue
from jobs.core.contributions import Contributions
from jobs.core.decayed_sums import Window, update_sums
from jobs.core.last_interactions import update_last
from jobs.core.user_rows import WindowRows, last_vectors, user_interests, window_rows
from jobs.core.user_state import Layout, Records, UserEntry, read_records


@dataclass(frozen=True)
class FoldSettings:
    """What the fold needs to know: the state's layout, the windows, and the interest section."""

    layout: Layout
    windows: tuple[Window, ...]
    interest: Interest

    @classmethod
    def of(cls, interest: Interest, dim: int) -> "FoldSettings":
        """Dislikes are the last window."""
        windows = (
            *(Window(name, seconds * 1000) for name, seconds in interest.half_lives_s.items()),
            Window("dislikes", interest.dislikes_half_life_s * 1000, sign=-1),
        )
        return cls(Layout(dim, len(windows), interest.last_n), windows, interest)

    @property
    def kinds(self) -> list[str]:
        """Names of the kinds in ``user_windows``, by number."""
        return ["recent", "session", *(window.name for window in self.windows)]


@dataclass(frozen=True)
class JoinedEvents:
    """Accepted events with their vectors at hand, one entry per event.

    ``row`` is the item's row in the catalogue, or -1; ``text_vectors`` ``(texts, dim)`` float16 are
    the vectors of wanted texts and ``text_row`` an event's index into them, or -1. An event with
    neither counts, but moves nothing.
    """

    user: npt.NDArray[np.intp]
    time_ms: npt.NDArray[np.int64]
    key: npt.NDArray[np.uint64]
    weight: npt.NDArray[np.float64]
    ref: npt.NDArray[np.uint64]
    row: npt.NDArray[np.intp]
    text_row: npt.NDArray[np.intp]
    text_vectors: npt.NDArray[np.float16]


@dataclass(frozen=True)
class UserInterest:
    """One interest as it is stored: the medoid item, its share of the weight, its size."""

    item_id: str
    share: float
    size: int


@dataclass(frozen=True)
class Folded:
    """The users' new states and what the tables say about them."""

    entries: list[UserEntry]
    version: npt.NDArray[np.int64]
    last_ms: npt.NDArray[np.int64]
    windows: WindowRows
    interests: list[list[UserInterest]]


def fold(
    entries: Sequence[UserEntry | None],
    events: JoinedEvents,
    catalogue: Catalogue,
    settings: FoldSettings,
) -> Folded:
    """Fold ``events`` into the states of ``users``; the entries' event ids are left as they are."""
    layout, interest = settings.layout, settings.interest
    records = read_records(list(entries), layout)
    records["version"] += np.bincount(events.user, minlength=len(records))
    np.maximum.at(records["last_ms"], events.user, events.time_ms)
    new = _contributions(events, catalogue)
    records = update_last(update_sums(records, new, settings.windows), new)
    texts = _own_texts(entries, events, layout)
    last = last_vectors(records, catalogue, texts, layout.dim)
    found = user_interests(
        records,
        last,
        half_life_events=interest.interest_half_life_events,
        cosine=interest.interest_cosine,
        max_interests=interest.max_interests,
    )
    refs = np.take_along_axis(records["ring_ref"], np.maximum(found.place, 0), axis=1)
    rows = catalogue.rows_of_references(refs.ravel()).reshape(refs.shape)
    return Folded(
        entries=_packed(entries, records, texts),
        version=records["version"],
        last_ms=records["last_ms"],
        windows=window_rows(
            records,
            last,
            settings.windows,
            recent_half_life_events=interest.recent_half_life_events,
            session_gap_ms=interest.session_gap_s * 1000,
        ),
        interests=[
            [
                UserInterest(catalogue.ids[row], float(share), int(size))
                for place, row, share, size in zip(*columns, strict=True)
                if place >= 0
            ]
            for columns in zip(
                found.place.tolist(),
                rows.tolist(),
                found.share.tolist(),
                found.size.tolist(),
                strict=True,
            )
        ],
    )


def _contributions(events: JoinedEvents, catalogue: Catalogue) -> Contributions:
    is_text = events.text_row >= 0
    chosen = np.flatnonzero((events.weight != 0) & (is_text | (events.row >= 0)))
    rows, inverse = np.unique(events.row[chosen], return_inverse=True)
    known = rows >= 0
    item_vectors = np.zeros((len(rows), events.text_vectors.shape[1]), dtype=np.float32)
    item_vectors[known] = catalogue.vectors(rows[known])
    return Contributions(
        user=events.user[chosen],
        time_ms=events.time_ms[chosen],
        key=events.key[chosen],
        weight=events.weight[chosen],
        row=np.where(is_text[chosen], len(rows) + events.text_row[chosen], inverse),
        ref=events.ref[chosen],
        is_text=is_text[chosen],
        vectors=np.concatenate([item_vectors, events.text_vectors.astype(np.float32)]),
    )


def _own_texts(
    entries: Sequence[UserEntry | None], events: JoinedEvents, layout: Layout
) -> npt.NDArray[np.void]:
    """Wanted texts of the users' states and of the batch."""
    kept = b"".join([entry.texts for entry in entries if entry is not None and entry.texts])
    old = np.frombuffer(kept, dtype=layout.text_dtype)
    chosen = np.flatnonzero(events.text_row >= 0)
    new = np.empty(len(chosen), dtype=layout.text_dtype)
    new["ref"] = events.ref[chosen]
    new["vector"] = events.text_vectors[events.text_row[chosen]]
    return np.concatenate([old, new])


def _packed(
    entries: Sequence[UserEntry | None], records: Records, texts: npt.NDArray[np.void]
) -> list[UserEntry]:
    """Entries with new records, and of the texts those that still stand among the last ones."""
    size, raw = records.dtype.itemsize, records.tobytes()
    has_texts = records["ring_is_text"].any(axis=1)
    own = texts[np.unique(texts["ref"], return_index=True)[1]]
    packed = []
    for index, entry in enumerate(entries):
        kept = b""
        if has_texts[index]:
            mine = records["ring_ref"][index][records["ring_is_text"][index]]
            kept = own[np.isin(own["ref"], mine)].tobytes()
        packed.append(
            replace(
                entry or UserEntry(b""), record=raw[index * size : (index + 1) * size], texts=kept
            )
        )
    return packed
