"""What happens between the chapters of a simulation."""

import pytest

from jobs.simulator import Chapter, Settings, SimulatedDataset, simulated_dataset
from jobs.simulator.simulation import FOLLOWED

SMALL = Settings(seed=5, users=200, events=4_000, items=600)


@pytest.fixture(scope="module")
def dataset() -> SimulatedDataset:
    return simulated_dataset(seed=5, users=200, events=4_000, items=600)


@pytest.fixture(scope="module")
def told(dataset: SimulatedDataset) -> tuple[Chapter, ...]:
    return dataset.chapters


def _items(chapter: Chapter) -> dict[str, dict[str, object]]:
    found = {line["item_id"]: line for line in chapter.items if isinstance(line, dict)}
    assert len(found) == len(list(chapter.items)), "an item is told once a chapter"
    return found


def test_the_chapters_hold_every_event_line_in_order(
    dataset: SimulatedDataset, told: tuple[Chapter, ...]
) -> None:
    assert [line for chapter in told for line in chapter.events] == list(dataset.events())
    assert dataset.chapters == told


def test_late_items_come_with_the_second_chapter_and_are_missed_in_the_first(
    dataset: SimulatedDataset, told: tuple[Chapter, ...]
) -> None:
    late = set(dataset.simulation.late_items)
    first, second, _ = map(_items, told)
    assert not late & first.keys()
    assert late <= second.keys()
    missed = {line.get("item_id") for line in told[0].events if isinstance(line, dict)}
    assert missed & late


def test_items_change_leave_and_come_back(told: tuple[Chapter, ...]) -> None:
    first, second, third = map(_items, told)
    known = first.keys() & second.keys()
    changed = {item for item in known if first[item].get("text") != second[item].get("text")}
    withdrawn = {item for item in second if second[item].get("available") is False}
    assert len(changed) == 35
    assert len(withdrawn) == 18
    assert changed.isdisjoint(withdrawn)
    again = changed & third.keys()
    assert again
    assert all(second[item]["text"] != third[item]["text"] for item in again)
    back = withdrawn & third.keys()
    assert 0 < len(back) < len(withdrawn)
    assert all(third[item].get("available", True) for item in back)
    assert sum(first[item].get("text") != third[item].get("text") for item in back) == 1


def test_people_ask_to_be_forgotten_and_leave_and_come_back(told: tuple[Chapter, ...]) -> None:
    asked = [
        [(line["user_id"], line["command"]) for line in chapter.control if isinstance(line, dict)]
        for chapter in told
    ]
    assert all(user != FOLLOWED for commands in asked for user, _ in commands)
    first, second, third = asked
    forgotten = {user for user, command in first if command == "forget"}
    away = {user for user, command in first if command == "opt_out"}
    assert forgotten
    assert any(command == "forget" for _, command in third)
    assert {user for user, command in second if command == "opt_in"} < away
    assert {user for user, command in second if command == "opt_out"} == {
        user for user, command in third if command == "opt_in"
    }
    later = {line["user_id"] for line in told[1].events if isinstance(line, dict)}
    assert later & forgotten
    assert later & away
