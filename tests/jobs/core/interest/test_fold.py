"""The fold: what users have after a batch, against the definitions applied to all events."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from jobs.config import Interest
from jobs.core.event_key import reference, text_reference
from jobs.core.interest import fold as fold_module
from jobs.core.interest.catalogue import Catalogue
from jobs.core.interest.fold import Folded, FoldSettings, JoinedEvents, Write, fold
from jobs.core.interest.undo import NOT_UNDOABLE, UNDO_ENTRY
from jobs.core.interest.user_state import UserEntry, read_records
from tests.builders import (
    DAY_MS,
    EAST,
    INWARD,
    ITEMS,
    MINUTE_MS,
    NOON_MS,
    NORTH,
    SLANT,
    UP,
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


@settings(max_examples=200, deadline=None)
@given(histories, st.randoms(use_true_random=False), st.lists(st.integers(0, 99), max_size=3))
def test_any_order_in_any_batches_gives_what_the_definitions_say(events, random, places):
    random.shuffle(events)
    assert_as_defined(after(*in_batches(events, places), users=2), events)


@settings(max_examples=150, deadline=None)
@given(
    undone_histories, st.randoms(use_true_random=False), st.lists(st.integers(0, 99), max_size=5)
)
def test_what_is_undone_in_any_order_and_batches_is_as_if_it_weighed_nothing(
    events, random, places
):
    random.shuffle(events)
    assert_as_defined(after(*in_batches(events, places), users=2), events)


@settings(max_examples=80, deadline=None)
@given(
    histories,
    st.lists(st.integers(0, 99), max_size=3),
    st.sampled_from([0, 1, 4]),
    st.sampled_from([{}, {"day": 86_400.0}, {"month": 2_592_000.0, "day": 86_400.0}]),
    st.booleans(),
    st.booleans(),
)
def test_any_part_may_be_switched_off_and_the_others_say_the_same(
    events, places, last_n, half_lives_s, topics, dislikes
):
    interest = Interest(
        last_n=last_n,
        half_lives_s=half_lives_s,
        topics_half_life_s=2_592_000.0 * topics,
        dislikes_half_life_s=2_592_000.0 * dislikes,
        slow_delay_s=0,
    )
    made = after(*in_batches(events, places), users=2, interest=interest)
    assert_as_defined(made, events, interest)
    kinds = {*half_lives_s, *["topics"] * topics, *["dislikes"] * dislikes}
    kinds |= {"recent", "session"} if last_n else set()
    assert {kind for _, kind in made.tables.windows} <= kinds
    if not last_n:
        assert all(not made.tables.interests(event.user) for event in events)


def test_users_of_a_batch_do_not_touch_each_other():
    events = [Happening(0, NOON_MS, 1, 3.0, "east"), Happening(1, NOON_MS, 2, 1.0, "north")]
    together = after(events, users=2)
    alone = after([Happening(0, NOON_MS, 2, 1.0, "north")])
    assert together.entries[1] == alone.entries[0]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(plain, comments, marked), min_size=1, max_size=30, unique_by=lambda e: e.key
    ),
    st.randoms(use_true_random=False),
)
def test_more_users_than_are_folded_at_a_time_are_folded_as_they_would_be_alone(events, random):
    users = 9
    events = [Happening(**{**vars(event), "user": random.randrange(users)}) for event in events]
    whole = after(events, users=users)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fold_module, "CHUNK", 2)
        parts = after(events, users=users)
    assert parts.entries == whole.entries
    assert parts.tables.users == whole.tables.users
    assert parts.tables.windows.keys() == whole.tables.windows.keys()
    for place, (unit, weight, as_of) in whole.tables.windows.items():
        found = parts.tables.windows[place]
        assert (found[0].tolist(), *found[1:]) == (unit.tolist(), weight, as_of)


def test_the_ids_of_an_entry_are_not_the_folds():
    made = Users()
    made.entries = [UserEntry(b"", ids=b"some ids")]
    made.batch(Happening(0, NOON_MS, 1, 3.0, "east"))
    assert made.entry().ids == b"some ids"


def test_versions_grow_with_every_event_from_where_they_began():
    told = joined([Happening(0, NOON_MS, n, 1.0, "east") for n in range(3)], catalogue_of(ITEMS))
    first = fold([None], told, catalogue_of(ITEMS), SETTINGS, version=1000)
    assert first.version.tolist() == [1003]
    second = fold(first.entries, told, catalogue_of(ITEMS), SETTINGS, version=5000)
    assert second.version.tolist() == [1006]
    assert second.events.tolist() == [6]


def test_an_event_about_nothing_counts_and_moves_nothing():
    made = after([Happening(0, NOON_MS, 1, 1.0)])
    assert made.tables.users == {0: (1, NOON_MS, [])}
    assert made.tables.windows == {}


def test_a_wanted_text_stands_for_its_event_in_place_of_the_item():
    found = after([Happening(0, NOON_MS, 1, 2.0, "east", "red shoes")]).tables.vectors()
    assert found == {kind: list(INWARD) for kind in ("recent", "session", "day", "month", "topics")}


def test_a_text_that_spells_an_items_id_keeps_its_own_vector():
    found = after([Happening(0, NOON_MS, 1, 2.0, None, "east")]).tables.vectors()
    assert found["recent"] == list(TEXTS["east"])


def comment(key: int, weight: float, **about: Any) -> Happening:
    return Happening(
        0, NOON_MS + key, key, weight, text="red shoes", comment=True, engagement=2.0, **about
    )


def test_a_neutral_said_text_moves_topics_alone():
    for item in (None, "east"):
        made = after([comment(1, 0.0, item=item)])
        assert made.tables.vectors() == {"topics": list(INWARD)}
        assert made.tables.rows()["topics"][1:] == (2.0, NOON_MS + 1)
        assert made.tables.users == {0: (1, NOON_MS + 1, [])}


def test_what_is_said_about_an_item_likes_the_item_and_attends_to_the_words():
    made = after([comment(1, 1.5, item="east")])
    liking = {kind: list(EAST) for kind in ("recent", "session", "day", "month")}
    assert made.tables.vectors() == {**liking, "topics": list(INWARD)}
    assert made.tables.rows()["day"][1] == 1.5
    assert made.tables.rows()["topics"][1] == 2.0
    assert made.tables.interests() == [Medoid("east", 1.0, 1)]
    assert made.entry().texts == b""


def test_what_is_said_about_nothing_likes_and_attends_to_the_words():
    made = after([comment(1, 1.5)])
    kinds = ("recent", "session", "day", "month", "topics")
    assert made.tables.vectors() == {kind: list(INWARD) for kind in kinds}
    assert texts_in(made.entry()) == {text_reference("red shoes"): list(INWARD)}


@pytest.mark.parametrize(("item", "disliked"), [("east", EAST), (None, INWARD)])
def test_what_is_said_badly_is_disliked_and_attended_to(item, disliked):
    made = after([comment(1, -0.5, item=item)])
    assert made.tables.vectors() == {"dislikes": list(disliked), "topics": list(INWARD)}
    assert made.tables.rows()["dislikes"][1] == 0.5


def test_a_comment_without_words_attends_to_its_item():
    made = after([Happening(0, NOON_MS, 1, 1.0, "east", comment=True)])
    assert made.tables.vectors()["topics"] == list(EAST)


def test_a_dislike_is_no_attention():
    assert after([Happening(0, NOON_MS, 1, -3.0, "east")]).tables.vectors() == {
        "dislikes": list(EAST)
    }


LIKES = [Happening(0, NOON_MS + 60 * MINUTE_MS * key, key, 1.0, "east") for key in range(1, 4)]


@pytest.mark.parametrize(
    ("more", "left_out"),
    [
        ([], 2),
        ([Happening(0, NOON_MS, 9, -3.0, "north")], 1),
        ([comment(9, 0.0)], 0),
        ([comment(9, 0.0), Happening(0, NOON_MS, 10, -3.0, "north")], 0),
    ],
)
def test_the_state_leaves_out_dislikes_of_nothing_and_topics_that_are_the_liking(more, left_out):
    layout, made = SETTINGS.layout, after([*LIKES[:2], *more], LIKES[2:])
    record = made.entry().record
    assert len(record) == layout.dtype.itemsize - left_out * layout.dim * 4
    assert_as_defined(made, [*LIKES, *more])


def texts_in(entry: UserEntry) -> dict[int, list[float]]:
    rows = np.frombuffer(entry.texts, dtype=SETTINGS.layout.text_dtype)
    found = {int(row["ref"]): row["vector"].tolist() for row in rows}
    assert len(found) == len(rows)
    return found


def test_a_text_is_kept_exactly_as_long_as_it_is_among_the_last_interactions():
    search = Happening(0, NOON_MS, 1, 2.0, None, "red shoes")
    likes = [Happening(0, NOON_MS + n, 10 + n, 1.0, "north") for n in range(1, 5)]
    made, kept = Users(), []
    for event in [search, *likes]:
        made.batch(event)
        kept.append(texts_in(made.entry()))
    mine = {text_reference("red shoes"): list(INWARD)}
    assert kept == [mine, mine, mine, mine, {}]


def test_a_text_wanted_twice_is_kept_once():
    events = [Happening(0, NOON_MS + n, n, 2.0, None, "red shoes") for n in range(3)]
    assert list(texts_in(after(events[:1], events[1:]).entry())) == [text_reference("red shoes")]


def test_a_search_that_comes_too_late_to_be_among_the_last_leaves_no_text():
    likes = [Happening(0, NOON_MS + n, 10 + n, 1.0, "north") for n in range(4)]
    late = Happening(0, NOON_MS - DAY_MS, 1, 2.0, None, "red shoes")
    assert texts_in(after([*likes, late]).entry()) == {}


def test_an_unwanted_text_is_not_kept():
    assert texts_in(after([Happening(0, NOON_MS, 1, -2.0, None, "red shoes")]).entry()) == {}


def test_each_user_keeps_their_own_texts():
    made = after(
        [
            Happening(0, NOON_MS, 1, 2.0, None, "red shoes"),
            Happening(1, NOON_MS, 2, 2.0, None, "warm hat"),
        ],
        users=2,
    )
    assert list(texts_in(made.entry(0))) == [text_reference("red shoes")]
    assert list(texts_in(made.entry(1))) == [text_reference("warm hat")]


def test_a_changed_item_moves_the_last_interactions_and_leaves_the_sums():
    made = after([Happening(0, NOON_MS, 1, 1.0, "east")])
    made.catalogue.put("east", half(UP))
    made.batch(Happening(0, NOON_MS - DAY_MS, 2, 1e-6, "north"))
    found = made.tables.vectors()
    np.testing.assert_allclose(found["recent"], UP, atol=1e-3)
    assert found["session"] == list(UP)
    np.testing.assert_allclose(found["day"], EAST, atol=1e-3)
    np.testing.assert_allclose(found["month"], EAST, atol=1e-3)


def test_interests_name_items_with_their_share_and_size():
    # East and Slant (cosine 0.6) are one interest; ranks 0 to 2 weigh 2^(-rank/12).
    events = [
        Happening(0, NOON_MS, 1, 1.0, "up"),
        Happening(0, NOON_MS + 1, 2, 1.0, "slant"),
        Happening(0, NOON_MS + 2, 3, 3.0, "east"),
    ]
    strong, weak = after(events).tables.interests()
    east, slant, up = 3.0, 2 ** (-1 / 12), 2 ** (-2 / 12)
    total = east + slant + up
    assert (strong.item_id, strong.size) == ("east", 2)
    assert strong.share == pytest.approx((east + slant) / total)
    assert (weak.item_id, weak.size) == ("up", 1)
    assert weak.share == pytest.approx(up / total)


def test_a_search_is_part_of_an_interest_and_never_its_name():
    events = [
        Happening(0, NOON_MS, 1, 0.5, "east"),
        Happening(0, NOON_MS + 1, 2, 5.0, None, "warm hat"),
    ]
    assert after(events).tables.interests() == [Medoid("east", 1.0, 2)]


def test_a_vector_that_is_far_from_unit_length_after_rounding_is_brought_back():
    made = after([Happening(0, NOON_MS + n, n, 5.0, "slant") for n in range(4)])
    for unit in made.tables.vectors().values():
        np.testing.assert_allclose(unit, SLANT, atol=1e-3)


def like(key: int, item: str = "east", weight: float = 3.0) -> Happening:
    return Happening(0, NOON_MS + key * MINUTE_MS, key, weight, item, mark=LIKE)


def unlike(key: int, item: str = "east") -> Happening:
    return Happening(0, NOON_MS + key * MINUTE_MS, key, 0.0, item, mark=LIKE, undoes=True)


@pytest.mark.parametrize("batches", [([0], [1]), ([1], [0]), ([0, 1],), ([1, 0],)])
def test_an_unlike_leaves_a_user_with_counts_and_nothing_else(batches):
    events = [like(1), unlike(2)]
    made = after(*([events[place] for place in batch] for batch in batches))
    assert made.tables.windows == {}
    assert made.tables.users == {0: (2, NOON_MS + 2 * MINUTE_MS, [])}


def test_an_unlike_takes_back_every_like_before_it_and_a_like_after_it_stands():
    made = after([like(1), like(2, weight=1.0)], [unlike(3)], [like(4, weight=2.0)])
    assert made.tables.rows()["session"][1] == 2.0
    assert made.tables.rows()["month"][1] == pytest.approx(2.0)
    assert made.tables.vectors()["recent"] == list(EAST)


def test_what_is_left_after_an_unlike_keeps_its_rank_and_its_session():
    gap = 20  # minutes: the undone like bridges north and up
    made = after([like(0, "north"), like(gap, "east"), like(2 * gap, "up")], [unlike(50, "east")])
    rows = made.tables.rows()
    assert rows["session"][1] == 6.0
    assert rows["recent"][1] == pytest.approx(3 + 3 * 2 ** (-2 / 3))
    assert rows["recent"][2] == NOON_MS + 2 * gap * MINUTE_MS
    # The undone one counts neither by weight nor in size.
    assert {(interest.item_id, interest.size) for interest in made.tables.interests()} == {
        ("up", 1),
        ("north", 1),
    }


def test_undoing_a_dislike_takes_the_dislikes_row():
    made = after([like(1, weight=-3.0)])
    assert made.tables.vectors() == {"dislikes": list(EAST)}
    made.batch(unlike(2))
    assert made.tables.windows == {}


def test_only_the_undone_action_is_taken_back():
    purchase = Happening(0, NOON_MS, 9, 5.0, "east", mark=CART)
    view = Happening(0, NOON_MS, 10, 1.0, "east")
    made = after([like(1), purchase, view], [unlike(2)])
    assert made.tables.rows()["recent"][1] == pytest.approx(5 * 2 ** (-2 / 3) + 2 ** (-1 / 3))


def test_what_is_undone_is_taken_off_with_the_items_vector_of_now():
    # Two likes of east, which becomes up: what is left of one is 3 east + 3 east - 3 up.
    made = after([Happening(0, NOON_MS, 1, 3.0, "east"), like(0)])
    made.catalogue.put("east", half(UP))
    made.batch(unlike(2))
    np.testing.assert_allclose(
        made.tables.vectors()["month"], np.array([2, 0, -1, 0]) / 5**0.5, atol=1e-3
    )


def marks_in(entry: UserEntry) -> list[int]:
    return [int(key) for key in np.frombuffer(entry.undo_log, dtype=UNDO_ENTRY)["key"]]


def test_what_can_be_undone_is_remembered_as_far_as_configured():
    interest = INTEREST.model_copy(update={"undo_last_n": 2})
    made = after([like(1, "north")], [like(2)], [like(3)], interest=interest)
    assert marks_in(made.entry()) == [2, 3]
    made.batch(unlike(4, "north"))
    # Too old: it stays counted.
    assert made.tables.rows()["session"][1] == 9.0
    made.batch(unlike(5))
    assert made.tables.rows()["session"][1] == 6.0


def test_a_configuration_without_undoing_undoes_nothing_even_within_a_batch():
    interest = INTEREST.model_copy(update={"undo_last_n": 0})
    for batches in ([[like(1)], [unlike(2)]], [[like(1), unlike(2)]], [[unlike(2)], [like(1)]]):
        made = after(*batches, interest=interest)
        assert made.tables.vectors()["recent"] == list(EAST)
        assert made.entry().undo_log == b""


def test_events_that_neither_undo_nor_can_be_undone_leave_no_mark():
    made = after(
        [Happening(0, NOON_MS, 1, 3.0, "east"), Happening(0, NOON_MS, 2, 2.0, None, "red shoes")]
    )
    assert made.entry().undo_log == b""


LAZY = Interest(last_n=4, slow_delay_s=5, slow_share=0.2)
LAZILY = ("day", "month", "topics", "dislikes")


def test_a_window_that_has_hardly_moved_waits_and_is_told_to_wait():
    made = after([Happening(0, NOON_MS, 1, 5.0, "east")], interest=LAZY)
    later = made.batch(Happening(0, NOON_MS, 2, 1.0, "north"))
    assert {rows.kind for rows in later.windows} == {"recent", "session"}
    assert later.waiting.tolist() == [0]
    assert made.tables.vectors()["day"] == list(EAST)


@pytest.mark.parametrize(("weight", "written"), [(1.24, False), (1.26, True)])
def test_a_window_that_gained_a_fifth_of_its_weight_is_written_at_once(weight, written):
    # 5 + w: a fifth of it is w at w = 1.25.
    made = after([Happening(0, NOON_MS, 1, 5.0, "east")], interest=LAZY)
    later = made.batch(Happening(0, NOON_MS, 2, weight, "east"))
    assert ({rows.kind for rows in later.windows} >= {"day", "month", "topics"}) == written


def test_a_window_may_be_asked_for_at_once():
    interest = LAZY.model_copy(update={"at_once": ("month", "dislikes")})
    made = after([Happening(0, NOON_MS, 1, 5.0, "east")], interest=interest)
    later = made.batch(Happening(0, NOON_MS, 2, 0.1, "north"))
    # Dislikes have not changed.
    assert {rows.kind for rows in later.windows} == {"recent", "session", "month"}
    assert later.waiting.tolist() == [0]


# Of 20 interactions three are less than a fifth. The user's own row, which brings the session
# along, needs a fifth of all events: five of 25.
LONG = Interest(last_n=20, slow_delay_s=5, slow_share=0.2, interest_half_life_events=1000)


def in_session(result: Folded) -> bool:
    return "session" in {rows.kind for rows in result.windows}


def test_a_session_that_has_hardly_moved_waits_and_recent_does_not():
    made = after([Happening(0, NOON_MS, n, 1.0, "east") for n in range(20)], interest=LONG)
    for number in range(20, 23):
        later = made.batch(Happening(0, NOON_MS, number, 1.0, "north"))
        assert {rows.kind for rows in later.windows} == {"recent"}
        assert later.waiting.tolist() == [0]
    assert made.tables.vectors()["session"] == list(EAST)
    # The fourth of 20 is a fifth.
    assert in_session(made.batch(Happening(0, NOON_MS, 23, 1.0, "north")))
    np.testing.assert_allclose(
        made.tables.vectors()["session"], (16 / 272**0.5, 4 / 272**0.5, 0.0, 0.0), atol=1e-3
    )


def test_a_session_that_waits_is_written_with_the_rows_that_wait():
    made = after([Happening(0, NOON_MS, n, 1.0, "east") for n in range(20)], interest=LONG)
    made.batch(Happening(0, NOON_MS, 20, 1.0, "north"))
    assert in_session(made.batch(write=Write.DEFERRED))
    at_once = after(
        [Happening(0, NOON_MS, n, 1.0, "east") for n in range(20)],
        [Happening(0, NOON_MS, 20, 1.0, "north")],
        interest=LONG.model_copy(update={"slow_delay_s": 0}),
    )
    assert made.tables.vectors() == at_once.tables.vectors()
    assert not in_session(made.batch(write=Write.DEFERRED))


def test_a_new_session_is_written_at_once():
    made = after([Happening(0, NOON_MS, n, 1.0, "east") for n in range(20)], interest=LONG)
    assert in_session(made.batch(Happening(0, NOON_MS + DAY_MS, 20, 1.0, "north")))
    assert made.tables.vectors()["session"] == list(NORTH)


def test_a_session_may_be_asked_for_at_once():
    interest = LONG.model_copy(update={"at_once": ("session",)})
    made = after([Happening(0, NOON_MS, n, 1.0, "east") for n in range(20)], interest=interest)
    assert in_session(made.batch(Happening(0, NOON_MS, 20, 1.0, "north")))


def test_what_was_taken_back_leaves_the_session_at_once():
    made = after(
        [
            like(1, weight=0.5),
            *(Happening(0, NOON_MS + DAY_MS, n, 1.0, "north") for n in range(2, 21)),
        ],
        interest=LONG,
    )
    made.batch(unlike(30))
    assert made.tables.vectors()["session"] == list(NORTH)


def test_impressions_write_no_session():
    made = after([Happening(0, NOON_MS, 1, 0.0, "east")], interest=LONG)
    assert made.tables.windows.keys() == set()


def test_small_gains_add_up_until_they_are_written():
    made = after([Happening(0, NOON_MS, 0, 10.0, "east")], interest=LAZY)
    told = []
    for number in range(1, 7):
        later = made.batch(Happening(0, NOON_MS, number, 0.5, "north"))
        told.append("day" in {rows.kind for rows in later.windows})
    # 10 + n/2 against 5 * n/2: from n = 5 on.
    assert told == [False, False, False, False, True, False]


def test_the_users_own_row_waits_as_long_as_few_events_are_new():
    made = after([Happening(0, NOON_MS, n, 1.0, "east") for n in range(10)], interest=LAZY)
    assert made.tables.users[0][0] == 10
    later = [made.batch(Happening(0, NOON_MS, 10 + n, 0.0, "east")) for n in range(4)]
    # 1 of 11, 2 of 12, 3 of 13 (and a fifth is 2.6).
    assert [result.written_users.tolist() for result in later] == [[], [], [0], []]
    assert made.tables.users[0][0] == 13


def test_of_many_events_no_more_count_than_the_interests_can_see():
    made = after([Happening(0, NOON_MS, n, 1.0, "east") for n in range(1000)], interest=LAZY)
    later = [made.batch(Happening(0, NOON_MS, 1000 + n, 0.0, "east")) for n in range(4)]
    # A fifth of 12 / ln 2 is 3.46.
    assert [result.written_users.tolist() for result in later] == [[], [], [], [0]]


def test_taking_back_counts_as_moving():
    made = after([like(1)], [Happening(0, NOON_MS, 9, 0.2, "north")], interest=LAZY)
    assert "day" in {rows.kind for rows in made.batch(unlike(2)).windows}
    np.testing.assert_allclose(made.tables.vectors()["month"], NORTH, atol=1e-3)


def test_an_emptied_window_is_never_late():
    made = after([like(1), Happening(0, NOON_MS, 9, 100.0, "north")], interest=LAZY)
    made.batch(like(2, "up", weight=-3.0))
    later = made.batch(unlike(3, "up"))
    assert "dislikes" in {rows.kind for rows in later.windows}
    assert "dislikes" not in made.tables.vectors()


def test_the_waiting_rows_and_no_others_are_written_when_asked_for():
    made = after(
        [Happening(0, NOON_MS, 1, 5.0, "east"), Happening(1, NOON_MS, 2, 5.0, "east")], users=2
    )
    made.settings = FoldSettings.of(LAZY, 4)
    made.batch(Happening(1, NOON_MS, 3, 1.0, "north"))
    flushed = made.batch(write=Write.DEFERRED)
    assert {(rows.kind, *rows.user.tolist()) for rows in flushed.windows} == {
        ("day", 1),
        ("month", 1),
        ("topics", 1),
    }
    # One event more than one is enough for the user's own row, so it did not wait.
    assert flushed.written_users.tolist() == []
    assert flushed.waiting.tolist() == []
    again = made.batch(write=Write.DEFERRED)
    assert (again.windows, again.written_users.tolist(), again.entries) == ([], [], made.entries)


@settings(max_examples=100, deadline=None)
@given(
    histories,
    st.lists(st.integers(0, 99), max_size=6),
    st.lists(st.integers(0, 99), max_size=2),
    st.sampled_from([0.0, 0.2, 1e9]),
)
def test_once_everything_that_waits_is_written_nobody_can_tell_that_it_waited(
    events, places, flushes, slow_share
):
    interest = INTEREST.model_copy(update={"slow_delay_s": 5.0, "slow_share": slow_share})
    made = Users(2, settings=FoldSettings.of(interest, 4))
    batches = in_batches(events, places)
    for number, batch in enumerate(batches):
        made.batch(*batch)
        if number in {place % len(batches) for place in flushes}:
            made.batch(write=Write.DEFERRED)
    last = made.batch(write=Write.DEFERRED)
    assert not last.waiting.size
    at_once = after(*batches, users=2)
    assert made.tables.windows.keys() == at_once.tables.windows.keys()
    for place, (unit, weight, as_of) in at_once.tables.windows.items():
        found = made.tables.windows[place]
        assert (found[0].tolist(), *found[1:]) == (unit.tolist(), weight, as_of)
    for user in {event.user for event in events}:
        assert made.tables.users[user] == at_once.tables.users[user]


def test_all_rows_are_those_that_the_state_knows():
    events = [Happening(0, NOON_MS, 1, 1.0, "north"), Happening(0, NOON_MS, 2, -1.0, "east")]
    made = after(events)
    told, made.tables = made.tables, Tables()
    result = made.batch(write=Write.ALL)
    assert made.tables.vectors() == told.vectors()
    assert made.tables.users == told.users
    assert result.entries == after(events).entries


def test_nobody_and_nothing_fold_to_nothing():
    none = JoinedEvents.none(4)
    result = fold([], none, catalogue_of(ITEMS), SETTINGS)
    assert (result.entries, result.windows, result.written_users.tolist()) == ([], [], [])
    made = after([Happening(0, NOON_MS, 1, 1.0, "north")])
    result = fold(made.entries, none, made.catalogue, SETTINGS)
    assert (result.entries, result.windows, result.waiting.tolist()) == (made.entries, [], [])


def test_the_windows_of_a_configuration_have_its_names_and_half_lives():
    windows = {window.name: (window.half_life_ms, window.sign) for window in SETTINGS.windows}
    assert windows == {
        "day": (DAY_MS, 1),
        "month": (30 * DAY_MS, 1),
        "dislikes": (30 * DAY_MS, -1),
        "topics": (30 * DAY_MS, 0),
    }
    assert SETTINGS.layout.windows == tuple(windows)


def test_an_item_reference_is_that_of_its_id():
    catalogue = catalogue_of(ITEMS)
    (entry,) = fold([None], joined([like(1)], catalogue), catalogue, SETTINGS).entries
    record = read_records([entry], SETTINGS.layout)
    assert record["ring_ref"][0, 0] == reference("east")
