"""The simulation on a timeline, for the demo."""

import pytest

from jobs.simulator import Settings, Story, make_story
from jobs.simulator.simulation import NEW_TOPIC

SMALL = Settings(seed=5, users=300, events=6_000, items=600)


@pytest.fixture(scope="module")
def story() -> Story:
    return make_story(SMALL, length_s=30.0, chunk_s=0.25)


def test_the_chunks_are_the_whole_simulation_in_order(story: Story) -> None:
    lines = [line for chunk in story.chunks for line in chunk.events]
    assert tuple(lines) == story.simulation.lines
    assert [chunk.at_s for chunk in story.chunks] == [n * 0.25 for n in range(120)]


def test_events_arrive_at_an_uneven_but_bounded_rate(story: Story) -> None:
    average = len(story.simulation.lines) / len(story.chunks)
    sizes = [len(chunk.events) for chunk in story.chunks]
    assert 0.55 * average < min(sizes) < 0.7 * average
    assert 1.3 * average < max(sizes) < 1.45 * average


def test_every_item_is_fed_once_before_the_withdrawal_of_one(story: Story) -> None:
    later = [record for chunk in story.chunks for record in chunk.items]
    withdrawn = [r for r in later if isinstance(r, dict) and r.get("available") is False]
    assert [record["item_id"] for record in withdrawn] == [story.withdrawn_item]
    fed = [record["item_id"] for record in story.first_items]
    fed += [r["item_id"] for r in later if isinstance(r, dict) and "available" not in r]
    assert sorted(fed) == sorted([*story.simulation.catalogue.items, story.newcomer["item_id"]])


def test_newcomer_and_withdrawn_item_are_of_the_new_topic_and_unknown_to_the_followed_user(
    story: Story,
) -> None:
    seen = {event.get("item_id") for chunk in story.chunks for event in chunk.followed}
    for item_id in (story.newcomer["item_id"], story.withdrawn_item):
        assert story.topic_of[item_id] == NEW_TOPIC
        assert item_id not in seen


def test_the_moments_happen_at_the_times_of_the_story(story: Story) -> None:
    drifted = [
        chunk.at_s
        for chunk in story.chunks
        if any(event["event_time"] >= story.simulation.drift_ms for event in chunk.followed)
    ]
    assert drifted[0] == story.drift_at_s
    assert 0.5 * 30 < story.drift_at_s < 0.75 * 30
    assert sum(len(chunk.followed) for chunk in story.chunks if chunk.at_s >= story.drift_at_s) == (
        SMALL.followed_events
    )
    for chunk in story.chunks:
        ids = [(r["item_id"], r.get("available")) for r in chunk.items if isinstance(r, dict)]
        assert ((story.newcomer["item_id"], None) in ids) == (chunk.at_s == story.newcomer_at_s)
        assert ((story.withdrawn_item, False) in ids) == (chunk.at_s == story.withdrawn_at_s)
        assert bool(chunk.control) == (chunk.at_s == story.forgotten_at_s)


def test_the_forgotten_user_has_lines_before_and_none_after(story: Story) -> None:
    before, after = (
        sum(
            isinstance(line, dict) and line["user_id"] == story.forgotten_user
            for chunk in story.chunks
            if (chunk.at_s > story.forgotten_at_s) == later
            for line in chunk.events
        )
        for later in (False, True)
    )
    assert before > 0
    assert after == 0


def test_the_followed_user_opens_items_on_request_with_fresh_ids(story: Story) -> None:
    now_ms = SMALL.end_ms
    first = story.followed_events(["a", "b"], now_ms)
    second = story.followed_events(["a"], now_ms + 1)
    assert [(e["action"], e["item_id"]) for e in first] == [
        ("view", "a"),
        ("dwell", "a"),
        ("view", "b"),
        ("dwell", "b"),
    ]
    assert [e["event_time"] for e in first] == sorted(e["event_time"] for e in first)
    assert first[-1]["event_time"] == now_ms
    ids = [event["event_id"] for event in first + second]
    assert len(set(ids)) == len(ids)


def test_any_item_can_be_withdrawn(story: Story) -> None:
    for item_id in (story.newcomer["item_id"], story.first_items[0]["item_id"]):
        record = story.withdrawal(item_id)
        assert record["item_id"] == item_id
        assert record["available"] is False
        assert record["title"]
