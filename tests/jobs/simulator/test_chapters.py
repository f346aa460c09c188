"""Changes of items and commands between the chapters of a simulation."""

import pytest

from jobs.simulator import Chapter, Settings, SimulatedDataset, simulated_dataset
from jobs.simulator.simulation import FOLLOWED

SMALL = Settings(seed=5, users=200, events=4_000, items=600)


@pytest.fixture(scope="module")
def dataset() -> SimulatedDataset:
    return simulated_dataset(seed=5, users=200, events=4_000, items=600)


@pytest.fixture(scope="module")
def chapters(dataset: SimulatedDataset) -> tuple[Chapter, ...]:
    return dataset.chapters


def _items(chapter: Chapter) -> dict[str, dict[str, object]]:
    found = {line["item_id"]: line for line in chapter.items if isinstance(line, dict)}
    assert len(found) == len(list(chapter.items)), "a chapter has an item once"
    return found


def test_the_chapters_hold_every_event_line_in_order(
    dataset: SimulatedDataset, chapters: tuple[Chapter, ...]
) -> None:
    assert [line for chapter in chapters for line in chapter.events] == list(dataset.events())
    assert dataset.chapters == chapters


def test_late_items_come_with_the_second_chapter_and_have_events_in_the_first(
    dataset: SimulatedDataset, chapters: tuple[Chapter, ...]
) -> None:
    late = set(dataset.simulation.late_items)
    first, second, _ = map(_items, chapters)
    assert not late & first.keys()
    assert late <= second.keys()
    early = {line.get("item_id") for line in chapters[0].events if isinstance(line, dict)}
    assert early & late


def test_items_change_and_become_unavailable_and_available_again(
    chapters: tuple[Chapter, ...],
) -> None:
    first, second, third = map(_items, chapters)
    known = first.keys() & second.keys()
    withdrawn = {item for item in second if second[item].get("available") is False}
    assert len(withdrawn) == 18
    assert sum("title" in second[item] for item in withdrawn) == 9
    known = {item for item in known if "title" in second[item]}
    changed = {item for item in known if first[item].get("text") != second[item].get("text")}
    assert len(changed) == 35
    assert changed.isdisjoint(withdrawn)
    again = changed & third.keys()
    assert again
    assert all(second[item]["text"] != third[item]["text"] for item in again)
    returned = withdrawn & third.keys()
    assert 0 < len(returned) < len(withdrawn)
    assert all(third[item].get("available", True) for item in returned)
    assert sum(first[item].get("text") != third[item].get("text") for item in returned) == 1


def test_people_ask_to_be_forgotten_and_opt_out_and_in(chapters: tuple[Chapter, ...]) -> None:
    sent = [
        [
            (line["user_id"], line["command"])
            for line in chapter.control
            if isinstance(line, dict) and "user_id" in line
        ]
        for chapter in chapters
    ]
    assert all(user != FOLLOWED for commands in sent for user, _ in commands)
    first, second, third = sent
    forgotten = {user for user, command in first if command == "forget"}
    opted_out = {user for user, command in first if command == "opt_out"}
    assert forgotten
    assert any(command == "forget" for _, command in third)
    assert {user for user, command in second if command == "opt_in"} < opted_out
    assert {user for user, command in second if command == "opt_out"} == {
        user for user, command in third if command == "opt_in"
    }
    assert [command for _, command in first].count("merge") == 2
    assert {user for user, command in third if command == "merge"} == {
        line["into"]
        for line in chapters[0].control
        if isinstance(line, dict) and line["command"] == "merge"
    }
    later = {line["user_id"] for line in chapters[1].events if isinstance(line, dict)}
    assert later & forgotten
    assert later & opted_out


def test_items_are_deleted_that_have_events_that_are_to_come_and_that_come_again(
    dataset: SimulatedDataset, chapters: tuple[Chapter, ...]
) -> None:
    first, second, third = (
        [
            line["item_id"]
            for line in chapter.control
            if isinstance(line, dict) and line["command"] == "delete_item"
        ]
        for chapter in chapters
    )
    assert (len(first), len(second), third) == (8, 6, [])
    assert not set(first) & set(second)
    assert set(first) & set(dataset.simulation.late_items)
    assert set(first) & _items(chapters[0]).keys() & _items(chapters[1]).keys()
    for number in (0, 1):
        events = {line.get("item_id") for line in chapters[number].events if isinstance(line, dict)}
        assert events & {*first, *second}
