"""Queries and comments in the fold: which windows they move, and how long their texts are kept."""

from typing import Any

import numpy as np
import pytest

from jobs.core.event_key import text_reference
from jobs.core.interest.user_state import UserEntry
from tests.builders import (
    DAY_MS,
    EAST,
    INWARD,
    MINUTE_MS,
    NOON_MS,
)
from tests.jobs.core.interest.fold_builders import (
    SETTINGS,
    Happening,
    Medoid,
    Users,
    after,
)
from tests.jobs.core.interest.fold_oracle import assert_as_defined


def comment(key: int, weight: float, **fields: Any) -> Happening:
    return Happening(
        0, NOON_MS + key, key, weight, text="red shoes", comment=True, engagement=2.0, **fields
    )


def test_a_neutral_comment_moves_topics_alone():
    for item in (None, "east"):
        made = after([comment(1, 0.0, item=item)])
        assert made.tables.vectors() == {"topics": list(INWARD)}
        assert made.tables.rows()["topics"][1:] == (2.0, NOON_MS + 1)
        assert made.tables.users == {0: (1, NOON_MS + 1, [])}


def test_a_positive_comment_on_an_item_likes_the_item_and_engages_with_the_text():
    made = after([comment(1, 1.5, item="east")])
    liking = {kind: list(EAST) for kind in ("recent", "session", "day", "month")}
    assert made.tables.vectors() == {**liking, "topics": list(INWARD)}
    assert made.tables.rows()["day"][1] == 1.5
    assert made.tables.rows()["topics"][1] == 2.0
    assert made.tables.interests() == [Medoid("east", 1.0, 1)]
    assert made.entry().texts == b""


def test_a_positive_comment_without_an_item_likes_and_engages_with_the_text():
    made = after([comment(1, 1.5)])
    kinds = ("recent", "session", "day", "month", "topics")
    assert made.tables.vectors() == {kind: list(INWARD) for kind in kinds}
    assert texts_in(made.entry()) == {text_reference("red shoes"): list(INWARD)}


@pytest.mark.parametrize(("item", "disliked"), [("east", EAST), (None, INWARD)])
def test_a_negative_comment_dislikes_its_item_and_engages_with_its_text(item, disliked):
    made = after([comment(1, -0.5, item=item)])
    assert made.tables.vectors() == {"dislikes": list(disliked), "topics": list(INWARD)}
    assert made.tables.rows()["dislikes"][1] == 0.5


def test_a_comment_without_a_text_engages_with_its_item():
    made = after([Happening(0, NOON_MS, 1, 1.0, "east", comment=True)])
    assert made.tables.vectors()["topics"] == list(EAST)


def test_a_dislike_is_no_engagement():
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
def test_a_packed_record_leaves_out_empty_dislikes_and_topics_that_equal_likes(more, left_out):
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
    text = {text_reference("red shoes"): list(INWARD)}
    assert kept == [text, text, text, text, {}]


def test_a_repeated_query_is_kept_once():
    events = [Happening(0, NOON_MS + n, n, 2.0, None, "red shoes") for n in range(3)]
    assert list(texts_in(after(events[:1], events[1:]).entry())) == [text_reference("red shoes")]


def test_a_query_too_old_for_the_last_interactions_is_not_kept():
    likes = [Happening(0, NOON_MS + n, 10 + n, 1.0, "north") for n in range(4)]
    late = Happening(0, NOON_MS - DAY_MS, 1, 2.0, None, "red shoes")
    assert texts_in(after([*likes, late]).entry()) == {}


def test_a_query_of_negative_weight_is_not_kept():
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
