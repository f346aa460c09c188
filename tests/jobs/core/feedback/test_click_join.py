"""Clicks join the impression of their recommendation in any order, within the window."""

import random
from collections import Counter
from collections.abc import Sequence

import pytest

from jobs.core.feedback.click_join import (
    ClickSums,
    Feedback,
    JoinSettings,
    Log,
    join_clicks,
    merge_logs,
    pack_log,
    unpack_log,
)
from jobs.core.feedback.contexts import Cell, Recommended
from tests.builders import HOUR_MS, MINUTE_MS, NOON_MS

SETTINGS = JoinSettings(HOUR_MS, 50)
FIRST, SECOND, NOWHERE = Cell("new", 1), Cell("new", 2), Cell()


def shown(item: str, at_ms: int = NOON_MS, *, cell: Cell = FIRST, of: str = "r1") -> Feedback:
    return Feedback("ada", item, Recommended(of, cell), at_ms, clicked=False)


def clicked(item: str, at_ms: int = NOON_MS, *, cell: Cell = NOWHERE, of: str = "r1") -> Feedback:
    return Feedback("ada", item, Recommended(of, cell), at_ms, clicked=True)


def joined(*batches: Sequence[Feedback], settings: JoinSettings = SETTINGS) -> ClickSums:
    sums, log = ClickSums(), b""
    for batch in batches:
        log = pack_log(join_clicks(unpack_log(log), batch, settings, sums))
    return sums


def test_a_click_counts_where_its_item_was_shown() -> None:
    sums = joined([shown("a"), shown("b", cell=SECOND)], [clicked("b", NOON_MS + MINUTE_MS)])
    assert sums.impressions == {FIRST: 1, SECOND: 1}
    assert sums.clicks == {SECOND: 1}
    assert sums.places == {("ada", "b"): 2}


def test_only_a_click_of_the_same_recommendation_counts() -> None:
    sums = joined([shown("a")], [clicked("a", of="r2"), clicked("b")])
    assert sums.clicks == {}


@pytest.mark.parametrize("away_ms", [HOUR_MS, -HOUR_MS])
def test_a_click_counts_within_the_window_and_not_beyond(away_ms: int) -> None:
    beyond_ms = away_ms + (1 if away_ms > 0 else -1)
    assert joined([shown("a")], [clicked("a", NOON_MS + away_ms)]).clicks == {FIRST: 1}
    assert joined([clicked("a", NOON_MS + away_ms)], [shown("a")]).clicks == {FIRST: 1}
    assert joined([shown("a")], [clicked("a", NOON_MS + beyond_ms)]).clicks == {}
    assert joined([clicked("a", NOON_MS + beyond_ms)], [shown("a")]).clicks == {}


def test_an_item_is_shown_once_and_clicked_once_for_a_recommendation() -> None:
    sums = joined(
        [shown("a"), shown("a", cell=SECOND)], [clicked("a"), clicked("a")], [clicked("a")]
    )
    assert sums.impressions == {FIRST: 1}
    assert sums.clicks == {FIRST: 1}


@pytest.mark.parametrize("seed", range(20))
def test_neither_order_nor_batches_change_what_is_counted(seed: int) -> None:
    chance = random.Random(seed)
    events: list[Feedback] = []
    impressions: Counter[Cell] = Counter()
    clicks: Counter[Cell] = Counter()
    for number in range(40):
        cell = Cell("text", number % 5 + 1, "few", chance.choice("ab"))
        at_ms = NOON_MS + number * 1_000
        events.append(shown(f"i{number}", at_ms, cell=cell, of=f"r{number // 5}"))
        impressions[cell] += 1
        if chance.random() < 0.4:
            late_ms = chance.choice([-HOUR_MS // 2, MINUTE_MS, HOUR_MS + MINUTE_MS])
            events.append(clicked(f"i{number}", at_ms + late_ms, of=f"r{number // 5}"))
            clicks[cell] += abs(late_ms) <= HOUR_MS
    chance.shuffle(events)
    cut = chance.randrange(len(events))
    sums = joined(events[:cut], events[cut:])
    assert sums.impressions == impressions
    assert sums.clicks == +clicks


def test_the_newest_entries_are_kept() -> None:
    few = JoinSettings(HOUR_MS, 2)
    items = [shown(item, NOON_MS + n * MINUTE_MS) for n, item in enumerate("abc")]
    sums = joined(items, [clicked("a"), clicked("b"), clicked("c")], settings=few)
    # The click on a, which is gone, takes the place of the oldest entry, b, and goes itself.
    assert sums.clicks == {FIRST: 2}
    assert len(join_clicks({}, items, few, ClickSums())) == 2


def test_a_click_is_joined_though_much_newer_events_were_read_before() -> None:
    log = join_clicks({}, [shown("b", NOON_MS + 1_000 * HOUR_MS)], SETTINGS, ClickSums())
    log = join_clicks(log, [shown("a")], SETTINGS, ClickSums())
    sums = ClickSums()
    join_clicks(log, [clicked("a")], SETTINGS, sums)
    assert sums.clicks == {FIRST: 1}


def test_clicks_of_one_user_on_what_the_other_was_shown_count_when_they_are_merged() -> None:
    sums = ClickSums()
    old = join_clicks({}, [shown("a"), clicked("b"), shown("c")], SETTINGS, sums)
    into = join_clicks({}, [clicked("a"), shown("b", cell=SECOND)], SETTINGS, sums)
    assert sums.clicks == {}
    merged = merge_logs(old, into, SETTINGS, sums)
    assert sums.clicks == {FIRST: 1, SECOND: 1}
    assert len(merged) == 3
    merge_logs(merged, merged, SETTINGS, sums)
    assert sums.clicks == {FIRST: 1, SECOND: 1}


def test_a_packed_log_is_the_log() -> None:
    log: Log = join_clicks({}, [shown("a"), clicked("b"), shown("c")], SETTINGS, ClickSums())
    assert unpack_log(pack_log(log)) == log
    assert unpack_log(b"") == {}
