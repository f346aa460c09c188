"""Events for the fold, the tables that it fills, and the definitions applied to all events."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pytest
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


HALF_LIFE_MS = {"day": DAY_MS, "month": 30 * DAY_MS, "topics": 30 * DAY_MS, "dislikes": 30 * DAY_MS}


TEXTS = {"red shoes": INWARD, "east": (0.0, 0.0, -1.0, 0.0), "warm hat": (0.8, 0.0, 0.6, 0.0)}


Vector = tuple[float, ...]


@dataclass(frozen=True)
class Happening:
    """An event of a user about an item, in words, or about nothing.

    `comment` tells a text that the user says from one that the user wants; `engagement` is the
    unsigned weight of its action. `mark` names the action that can be undone, or that the event
    `undoes`.
    """

    user: int
    time_ms: int
    key: int
    weight: float
    item: str | None = None
    text: str | None = None
    comment: bool = False
    engagement: float = 1.0
    mark: int = NOT_UNDOABLE
    undoes: bool = False

    @property
    def is_comment(self) -> bool:
        return self.comment and self.text is not None

    @property
    def liked(self) -> Vector | None:
        """The vector that the event's weight belongs to."""
        if self.text is not None and not (self.comment and self.item is not None):
            return TEXTS[self.text]
        return None if self.item is None else ITEMS[self.item]


def joined(events: Sequence[Happening], catalogue: Catalogue) -> JoinedEvents:
    spoken = [event.text for event in events if event.text is not None]
    text_row = iter(range(len(spoken)))
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
        undo_bit=np.array([event.mark for event in events], dtype=np.uint8),
        undoes=np.array([event.undoes for event in events], dtype=bool),
        text_vectors=half([TEXTS[text] for text in spoken]).reshape(-1, 4),
    )


Row = tuple[NDArray[np.float64], float, int]


class Medoid(NamedTuple):
    """An interest as the tables tell it."""

    item_id: str
    share: float
    size: int


def interests_of(folded: Folded, at: int) -> list[Medoid]:
    rows = folded.interests
    told = [
        Medoid(ids[at], share, size)
        for ids, share, size in zip(
            rows.item_id, rows.share[at].tolist(), rows.size[at].tolist(), strict=True
        )
    ]
    count = int(rows.count[at])
    assert [medoid.item_id for medoid in told[count:]] == [""] * (len(told) - count)
    return told[:count]


@dataclass
class Tables:
    """What the tables say of the users after everything that was folded."""

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
    """States of users, folded batch by batch, and the tables beside them."""

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
        told = joined(events, self.catalogue)
        result = fold(self.entries, told, self.catalogue, self.settings, write=write)
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


def counts(event: Happening, events: Iterable[Happening]) -> float:
    """0 for what was taken back, else 1: by the definition in docs/contract.md."""
    return float(
        event.mark == NOT_UNDOABLE
        or not any(
            other.undoes
            and (other.user, other.item, other.mark) == (event.user, event.item, event.mark)
            and (other.time_ms, other.key) > (event.time_ms, event.key)
            for other in events
        )
    )


def expected_rows(
    events: Sequence[Happening], user: int = 0, interest: Interest = INTEREST
) -> dict[str, Row | None]:
    """Every kind from its definition in docs/contract.md, in float64; None where vectors cancel."""
    mine = sorted(
        (e for e in events if e.user == user), key=lambda e: (e.time_ms, e.key), reverse=True
    )
    told: list[tuple[Happening, float, Vector, float]] = [
        (e, e.weight, e.liked, counts(e, mine)) for e in mine if e.weight and e.liked
    ]
    liked = [(e, w, v, c) for e, w, v, c in told if w > 0]
    disliked: list[tuple[Happening, float, Vector, float]] = [
        (e, -w, v, c) for e, w, v, c in told if w < 0
    ]
    attended: list[tuple[Happening, float, Vector, float]] = []
    for e in mine:
        if e.is_comment and e.engagement:
            attended.append((e, e.engagement, TEXTS[e.text or ""], counts(e, mine)))
        elif not e.is_comment and e.weight > 0 and e.liked:
            attended.append((e, e.weight, e.liked, counts(e, mine)))
    last = liked[: interest.last_n]
    session = last[:1]
    for before, later in zip(last[1:], last, strict=False):
        if later[0].time_ms - before[0].time_ms > 30 * MINUTE_MS:
            break
        session.append(before)
    weighted = {
        "recent": [(c * w * 2 ** (-rank / 3), v, e) for rank, (e, w, v, c) in enumerate(last)],
        "session": [(c * w, v, e) for e, w, v, c in session],
    }
    sums = [(kind, liked) for kind in interest.half_lives_s]
    sums += [("topics", attended)] * bool(interest.topics_half_life_s)
    sums += [("dislikes", disliked)] * bool(interest.dislikes_half_life_s)
    for kind, chosen in sums:
        weighted[kind] = [
            (c * w * 2 ** (-(chosen[0][0].time_ms - e.time_ms) / HALF_LIFE_MS[kind]), v, e)
            for e, w, v, c in chosen
        ]
    rows: dict[str, Row | None] = {}
    for kind, shares in weighted.items():
        total = sum((share * np.array(v) for share, v, _ in shares), start=np.zeros(4))
        weight, length = sum(share for share, _, _ in shares), float(np.linalg.norm(total))
        if weight >= 1e-4:
            stable = length > 1e-3 * max(weight, 1.0)
            rows[kind] = (total / length, weight, shares[0][2].time_ms) if stable else None
    return rows


def assert_rows(found: dict[str, Row], expected: dict[str, Row | None]) -> None:
    # What all but cancels has a direction made of rounding, or no row.
    assert {kind for kind, row in expected.items() if row is not None} <= found.keys()
    assert found.keys() <= expected.keys()
    for kind, row in expected.items():
        if row is None:
            continue
        # float32 sums, then float16: 2^-11 relative.
        np.testing.assert_allclose(found[kind][0], row[0], atol=2e-3, err_msg=kind)
        assert found[kind][1] == pytest.approx(row[1], rel=1e-6), kind
        assert found[kind][2] == row[2], kind


LIKE, CART = 5, 7


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


marked = st.builds(
    lambda user, time_ms, key, weight, item, mark, undoes: Happening(
        user, time_ms, key, 0.0 if undoes else weight, item, mark=mark, undoes=undoes
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
    st.one_of(plain, comments, marked), min_size=1, max_size=16, unique_by=lambda event: event.key
)


undone_histories = st.lists(marked, min_size=1, max_size=12, unique_by=lambda event: event.key)


def in_batches(events: Sequence[Happening], places: Sequence[int]) -> list[Sequence[Happening]]:
    ends = sorted({place % len(events) for place in places} | {len(events)})
    return [events[a:b] for a, b in zip([0, *ends], ends, strict=False)]


def assert_as_defined(
    made: Users, events: Sequence[Happening], interest: Interest = INTEREST
) -> None:
    for user in range(len(made.entries)):
        assert_rows(made.tables.rows(user), expected_rows(events, user, interest))
        mine = [event for event in events if event.user == user]
        if mine:
            told = made.tables.users[user]
            assert told[:2] == (len(mine), max(event.time_ms for event in mine))
    at_once = after(events, users=len(made.entries), interest=interest)
    for user in {event.user for event in events}:
        assert made.tables.interests(user) == at_once.tables.interests(user)
        assert made.entry(user).texts == at_once.entry(user).texts
        assert made.entry(user).undo_log == at_once.entry(user).undo_log


def like(key: int, item: str = "east", weight: float = 3.0) -> Happening:
    return Happening(0, NOON_MS + key * MINUTE_MS, key, weight, item, mark=LIKE)


def unlike(key: int, item: str = "east") -> Happening:
    return Happening(0, NOON_MS + key * MINUTE_MS, key, 0.0, item, mark=LIKE, undoes=True)
