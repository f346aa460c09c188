"""Events for the fold, strategies that make histories of them, and the tables that it fills."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from jobs.config import Interest
from jobs.core.event_key import text_reference
from jobs.core.interest.catalogue import Catalogue
from jobs.core.interest.due_rows import Write
from jobs.core.interest.fold import fold
from jobs.core.interest.fold_settings import FoldSettings
from jobs.core.interest.folded import Folded
from jobs.core.interest.joined_events import JoinedEvents
from jobs.core.interest.undo import NOT_UNDOABLE
from jobs.core.interest.user_state import UserEntry
from tests.builders import (
    DAY_MS,
    INWARD,
    ITEMS,
    MINUTE_MS,
    NOON_MS,
    catalogue_of,
    half,
)

INTEREST = Interest(last_n=4, slow_delay_s=0)

SETTINGS = FoldSettings.of(INTEREST, 4)

TEXTS = {"red shoes": INWARD, "east": (0.0, 0.0, -1.0, 0.0), "warm hat": (0.8, 0.0, 0.6, 0.0)}

Vector = tuple[float, ...]


@dataclass(frozen=True)
class Happening:
    """An event of a user with an item, with a text, with both or with neither.

    `comment` is whether the text is a comment; otherwise it is a query. `engagement` is the
    unsigned weight of the action. `undo_bit` is the bit of the action if it can be undone, or of
    the action that the event `undoes`; one with a weight replaces the events that it undoes.
    """

    user: int
    time_ms: int
    key: int
    weight: float
    item: str | None = None
    text: str | None = None
    comment: bool = False
    engagement: float = 1.0
    undo_bit: int = NOT_UNDOABLE
    undoes: bool = False

    @property
    def is_comment(self) -> bool:
        return self.comment and self.text is not None

    @property
    def liked(self) -> Vector | None:
        """The vector that counts with the event's weight."""
        if self.text is not None and not (self.comment and self.item is not None):
            return TEXTS[self.text]
        return None if self.item is None else ITEMS[self.item]


def joined(events: Sequence[Happening], catalogue: Catalogue) -> JoinedEvents:
    texts = [event.text for event in events if event.text is not None]
    text_row = iter(range(len(texts)))
    row = catalogue.rows([event.item for event in events])
    return JoinedEvents(
        user=np.array([event.user for event in events], dtype=np.intp),
        time_ms=np.array([event.time_ms for event in events], dtype=np.int64),
        key=np.array([event.key for event in events], dtype=np.uint64),
        weight=np.array([event.weight for event in events], dtype=np.float64),
        row=row,
        ref=catalogue.references(row),
        text_row=np.array(
            [-1 if event.text is None else next(text_row) for event in events], dtype=np.intp
        ),
        text_ref=np.array(
            [0 if event.text is None else text_reference(event.text) for event in events],
            dtype=np.uint64,
        ),
        comment=np.array([event.comment for event in events], dtype=bool),
        engagement=np.array([event.engagement for event in events], dtype=np.float64),
        undo_bit=np.array([event.undo_bit for event in events], dtype=np.uint8),
        undoes=np.array([event.undoes for event in events], dtype=bool),
        text_vectors=half([TEXTS[text] for text in texts]).reshape(-1, 4),
    )


Row = tuple[NDArray[np.float64], float, int]


class Medoid(NamedTuple):
    """An interest as a row of `users` has it."""

    item_id: str
    share: float
    size: int


def interests_of(folded: Folded, at: int) -> list[Medoid]:
    rows = folded.interests
    medoids = [
        Medoid(ids[at], share, size)
        for ids, share, size in zip(
            rows.item_id, rows.share[at].tolist(), rows.size[at].tolist(), strict=True
        )
    ]
    count = int(rows.count[at])
    assert [medoid.item_id for medoid in medoids[count:]] == [""] * (len(medoids) - count)
    return medoids[:count]


@dataclass
class Tables:
    """The rows of the users after every batch that was folded."""

    windows: dict[tuple[int, str], Row] = field(default_factory=dict)
    users: dict[int, tuple[int, int, list[Medoid]]] = field(default_factory=dict)

    def write(self, folded: Folded) -> None:
        for rows in folded.windows:
            for at, user in enumerate(rows.user.tolist()):
                unit = rows.vector[at].astype(np.float64)
                self.windows[user, rows.kind] = unit, float(rows.weight[at]), int(rows.as_of[at])
            for user in rows.deleted.tolist():
                self.windows.pop((user, rows.kind), None)
        for at, user in enumerate(folded.written_users.tolist()):
            self.users[user] = (
                int(folded.events[at]),
                int(folded.last_ms[at]),
                interests_of(folded, at),
            )

    def rows(self, user: int = 0) -> dict[str, Row]:
        return {kind: row for (owner, kind), row in self.windows.items() if owner == user}

    def vectors(self, user: int = 0) -> dict[str, list[float]]:
        return {kind: row[0].tolist() for kind, row in self.rows(user).items()}

    def interests(self, user: int = 0) -> list[Medoid]:
        return self.users[user][2]


class Users:
    """States of users, folded batch by batch, and the tables filled on the way."""

    def __init__(
        self,
        users: int = 1,
        catalogue: Catalogue | None = None,
        settings: FoldSettings = SETTINGS,
    ) -> None:
        self.catalogue = catalogue_of(ITEMS) if catalogue is None else catalogue
        self.settings = settings
        self.entries: list[UserEntry | None] = [None] * users
        self.tables = Tables()

    def batch(self, *events: Happening, write: Write = Write.NOW) -> Folded:
        batch = joined(events, self.catalogue)
        result = fold(self.entries, batch, self.catalogue, self.settings, write=write)
        self.entries = list(result.entries)
        self.tables.write(result)
        return result

    def entry(self, user: int = 0) -> UserEntry:
        entry = self.entries[user]
        assert entry is not None
        return entry


def after(*batches: Sequence[Happening], users: int = 1, interest: Interest = INTEREST) -> Users:
    made = Users(users, settings=FoldSettings.of(interest, 4))
    for batch in batches:
        made.batch(*batch)
    return made


LIKE, CART, RATING = 5, 7, 17


def rating(user: int, time_ms: int, key: int, weight: float, item: str = "east") -> Happening:
    """An event that replaces the earlier ratings of its item."""
    return Happening(user, time_ms, key, weight, item, undo_bit=RATING, undoes=True)


weights = st.sampled_from([0.0, 0.5, 1.0, 2.0, 5.0, -0.5, -3.0])

times = st.one_of(
    st.sampled_from([NOON_MS, NOON_MS - 30 * MINUTE_MS, NOON_MS - 31 * MINUTE_MS]),
    st.integers(NOON_MS - 20 * DAY_MS, NOON_MS),
)

keys = st.integers(0, 2**64 - 1)

plain = st.builds(
    lambda user, time_ms, key, weight, target: Happening(user, time_ms, key, weight, *target),
    st.integers(0, 1),
    times,
    keys,
    weights,
    st.one_of(
        st.sampled_from([(item, None) for item in ITEMS]),
        st.sampled_from([(None, text) for text in TEXTS]),
        st.just((None, None)),
        st.just(("east", "red shoes")),
    ),
)

comments = st.builds(
    lambda user, time_ms, key, weight, item, text, engagement: Happening(
        user, time_ms, key, weight, item, text, True, engagement
    ),
    st.integers(0, 1),
    times,
    keys,
    st.sampled_from([0.0, 0.5, 1.0, -1.0, -0.25]),
    st.sampled_from([None, "north", "slant"]),
    st.sampled_from([None, *TEXTS]),
    st.sampled_from([1.0, 2.0, 0.0]),
)

replacing = st.builds(
    rating,
    st.integers(0, 1),
    times,
    keys,
    st.sampled_from([4.0, 0.8, 0.0, -3.2]),
    st.sampled_from(["east", "north"]),
)

unrating = st.builds(
    lambda user, time_ms, key, item: Happening(
        user, time_ms, key, 0.0, item, undo_bit=RATING, undoes=True
    ),
    st.integers(0, 1),
    times,
    keys,
    st.sampled_from(["east", "north"]),
)

undoing = st.builds(
    lambda user, time_ms, key, weight, item, undo_bit, undoes: Happening(
        user, time_ms, key, 0.0 if undoes else weight, item, undo_bit=undo_bit, undoes=undoes
    ),
    st.integers(0, 1),
    times,
    keys,
    st.sampled_from([3.0, 1.0, 5.0, -3.0, 0.0]),
    st.sampled_from(["east", "north"]),
    st.sampled_from([LIKE, CART]),
    st.booleans(),
)

histories = st.lists(
    st.one_of(plain, comments, undoing, replacing),
    min_size=1,
    max_size=16,
    unique_by=lambda event: event.key,
)

undo_histories = st.lists(undoing, min_size=1, max_size=12, unique_by=lambda event: event.key)

replaced_histories = st.lists(
    st.one_of(replacing, replacing, replacing, unrating, undoing),
    min_size=1,
    max_size=12,
    unique_by=lambda event: event.key,
)


def in_batches(events: Sequence[Happening], cuts: Sequence[int]) -> list[Sequence[Happening]]:
    """The events in batches, cut before the indices `cuts` (taken modulo their number)."""
    ends = sorted({cut % len(events) for cut in cuts} | {len(events)})
    return [events[a:b] for a, b in zip([0, *ends], ends, strict=False)]


def like(key: int, item: str = "east", weight: float = 3.0) -> Happening:
    return Happening(0, NOON_MS + key * MINUTE_MS, key, weight, item, undo_bit=LIKE)


def unlike(key: int, item: str = "east") -> Happening:
    return Happening(0, NOON_MS + key * MINUTE_MS, key, 0.0, item, undo_bit=LIKE, undoes=True)
