"""What the recomputation says was shown, and clicked."""

from typing import Any

from bench.verify.recompute import recompute
from bench.verify.recompute.feedback import REMEMBERED, TIMES, WINDOW_MS, Feedback
from tests.bench.verify.builders import MINUTE_MS, NOON_MS, NOW_MS, catalogue, event, vectors


def found(*events: dict[str, Any], **more: Any) -> Feedback:
    return recompute(catalogue(), events, vectors=vectors, now_ms=NOW_MS, **more).feedback


def shown(number: int, at_ms: int = NOON_MS, *, of: str = "r1", place: int = 1) -> dict[str, Any]:
    context = {"recommendation_id": of, "position": place, "segment": "few"}
    return event(number, "impression", at_ms, "east", context=context)


def clicked(number: int, at_ms: int = NOON_MS, *, of: str = "r1") -> dict[str, Any]:
    return event(number, "click", at_ms, "east", context={"recommendation_id": of})


CELL = ("", 1, "few", "")


def test_the_newest_times_are_kept_each_once() -> None:
    events = [shown(number, NOON_MS + number // 2, of=f"r{number}") for number in range(60)]
    assert found(*events).shown == {("ada", "east"): [NOON_MS + 29 - n for n in range(TIMES)]}


def test_a_click_counts_within_the_window_of_its_impression() -> None:
    for away_ms, clicks in ((WINDOW_MS, 1), (-WINDOW_MS, 1), (WINDOW_MS + 1, 0)):
        assert found(shown(1), clicked(2, NOON_MS + away_ms)).counts == {CELL: (1, clicks)}
    assert found(shown(1), clicked(2, of="r2")).counts == {CELL: (1, 0)}
    dislike = event(3, "dislike", NOON_MS, "east", context={"recommendation_id": "r1"})
    assert found(shown(1), dislike).counts == {CELL: (1, 0)}


def test_counts_that_hang_on_the_order_of_reading_are_not_decided() -> None:
    assert found(shown(1), clicked(2)).decided
    assert not found(shown(1), shown(2, place=2)).decided
    assert not found(shown(1), clicked(2), clicked(3, NOON_MS + WINDOW_MS + 1)).decided
    between = [shown(n, NOON_MS + n, of=f"q{n}") for n in range(10, 10 + REMEMBERED)]
    assert not found(shown(1), *between, clicked(2, NOON_MS + MINUTE_MS)).decided
    forget = [{"user_id": "eve", "command": "forget"}]
    assert not found(shown(1), control=forget).decided
