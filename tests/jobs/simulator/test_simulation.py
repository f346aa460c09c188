"""A month of a small population, compared with what the simulation claims about it."""

from collections import Counter

import orjson
import pytest

from jobs.action_settings import DEFAULT_ACTIONS
from jobs.core.parsing.parse_events import parse_events
from jobs.core.parsing.rules import Rules
from jobs.datasets.order import event_time_ms
from jobs.simulator import Settings, Simulation, simulate, simulated_dataset
from jobs.simulator.comments import NEGATIVE, NEUTRAL, POSITIVE
from jobs.simulator.simulation import DISLIKED_TOPIC, FOLLOWED, NEW_TOPIC, OLD_TOPICS
from jobs.simulator.undoing import UNDONE

SMALL = Settings(seed=5, users=150, events=4_000, items=600)


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return simulate(SMALL)


def _records(simulation: Simulation) -> list[dict[str, object]]:
    return [line for line in simulation.lines if isinstance(line, dict)]


def test_the_same_settings_give_the_same_lines_and_another_seed_others(
    simulation: Simulation,
) -> None:
    assert simulate(SMALL).lines == simulation.lines
    assert simulate(Settings(seed=6, users=150, events=4_000, items=600)).lines != simulation.lines


def test_the_job_finds_the_numbers_of_the_truth_in_the_lines(simulation: Simulation) -> None:
    lines = [line if isinstance(line, bytes) else orjson.dumps(line) for line in simulation.lines]
    parsed = parse_events(lines, Rules(frozenset(DEFAULT_ACTIONS)), SMALL.end_ms)
    known = [
        pair
        for pair, item_id in zip(
            zip(parsed.events.user_id, parsed.events.event_id, strict=True),
            parsed.events.item_id,
            strict=True,
        )
        if item_id is None or item_id in simulation.catalogue.items
    ]
    truth = simulation.truth
    assert len(set(known)) == truth.good == SMALL.events
    assert len(known) - len(set(known)) == truth.duplicates
    assert len(parsed.events) - len(known) == truth.unknown_items
    assert Counter(letter.reason for letter in parsed.dead) == Counter(truth.broken)
    assert truth.lines == len(lines)


def test_every_kind_of_action_and_every_user_occurs(simulation: Simulation) -> None:
    records = _records(simulation)
    assert {record["action"] for record in records} == set(DEFAULT_ACTIONS)
    assert {record["user_id"] for record in records} == set(simulation.people)


def test_comments_are_positive_neutral_and_negative_with_and_without_an_item(
    simulation: Simulation,
) -> None:
    comments = [r for r in _records(simulation) if r["action"] in ("comment", "review")]
    texts = {str(record["text"]) for record in comments}
    for options in (POSITIVE, NEUTRAL, NEGATIVE):
        assert texts & set(options)
    assert any("item_id" not in record for record in comments)
    reviews = [record for record in comments if record["action"] == "review"]
    assert {"value" in record for record in reviews} == {True, False}


def test_an_undone_action_was_done_before_by_the_same_user_on_the_same_item(
    simulation: Simulation,
) -> None:
    done: dict[tuple[object, ...], int] = {}
    for record in _records(simulation):
        key = (record["user_id"], record.get("item_id"), record["action"])
        done[key] = min(event_time_ms(record) or 0, done.get(key, 1 << 60))
    undone = [record for record in _records(simulation) if record["action"] in UNDONE]
    assert undone
    for record in undone:
        before = done[record["user_id"], record["item_id"], UNDONE[str(record["action"])]]
        assert before < (event_time_ms(record) or 0)
    assert simulation.truth.undone_late > 0


def test_event_ids_are_unique_and_times_lie_within_the_month(simulation: Simulation) -> None:
    for record in _records(simulation):
        time_ms = event_time_ms(record)
        assert time_ms is not None
        person = simulation.people[str(record["user_id"])]
        assert max(simulation.start_ms, person.joined_ms) <= time_ms <= SMALL.end_ms


def test_a_large_share_of_the_events_happens_in_the_last_hour(simulation: Simulation) -> None:
    records = _records(simulation)
    recent = sum((event_time_ms(record) or 0) > SMALL.end_ms - 3_600_000 for record in records)
    assert 0.3 < recent / len(records) < 0.5


def test_what_people_like_is_mostly_what_they_truly_want(simulation: Simulation) -> None:
    hits = [
        simulation.topic_of(str(record["item_id"]))
        in simulation.true_topics(str(record["user_id"]), event_time_ms(record) or 0)
        for record in _records(simulation)
        if record["action"] in ("like", "purchase", "cart", "share")
    ]
    assert sum(hits) / len(hits) > 0.95


def test_what_people_reject_is_what_they_dislike(simulation: Simulation) -> None:
    for record in _records(simulation):
        if record["action"] in ("skip", "dislike"):
            person = simulation.people[str(record["user_id"])]
            assert simulation.topic_of(str(record["item_id"])) in person.dislikes


def test_the_followed_user_turns_from_the_old_topics_to_the_new_one(
    simulation: Simulation,
) -> None:
    mine = [record for record in _records(simulation) if record["user_id"] == FOLLOWED]
    before, after = (
        {
            simulation.topic_of(str(record["item_id"]))
            for record in mine
            if "item_id" in record
            and ((event_time_ms(record) or 0) >= simulation.drift_ms) == drifted
        }
        for drifted in (False, True)
    )
    assert set(OLD_TOPICS) <= before
    assert NEW_TOPIC not in before
    assert after == {NEW_TOPIC}
    first = next(r for r in mine if (event_time_ms(r) or 0) >= simulation.drift_ms)
    assert first["action"] == "search"
    assert set(simulation.true_topics(FOLLOWED, simulation.drift_ms - 1)) == set(OLD_TOPICS)
    assert set(simulation.true_topics(FOLLOWED, SMALL.end_ms)) == {NEW_TOPIC}
    assert simulation.people[FOLLOWED].dislikes == (DISLIKED_TOPIC,)


def test_late_items_appear_on_the_way_and_early_events_are_counted(
    simulation: Simulation,
) -> None:
    late = set(simulation.late_items)
    assert {record["item_id"] for record in simulation.items(late=True)} == late
    assert {record["item_id"] for record in simulation.items(late=False)} == (
        simulation.catalogue.items.keys() - late
    )
    early = {
        str(record["event_id"])
        for index, record in enumerate(simulation.lines)
        if isinstance(record, dict)
        and index < simulation.late_items.get(record.get("item_id", ""), 0)
    }
    assert len(early) == simulation.truth.early > 0


def test_the_data_set_hands_out_the_same_lines_at_every_pass() -> None:
    dataset = simulated_dataset(seed=5, users=150, events=4_000, items=600)
    assert tuple(dataset.events()) == tuple(dataset.events()) == simulate(SMALL).lines
    assert len(list(dataset.items())) == dataset.item_rows == 600
    assert dataset.event_rows == dataset.simulation.truth.lines
