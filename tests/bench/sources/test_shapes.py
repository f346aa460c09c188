"""Records of other shapes: the job makes the events of them that the contract's lines are."""

from pathlib import Path

import orjson
import pytest

from bench.sources.shapes import SETTINGS, SHAPES, debezium, flat, segment, shaped, shaped_files
from bench.throughput.workload import Workload, lines_of
from jobs.action_settings import DEFAULT_ACTIONS
from jobs.config import load_config
from jobs.core.parsing.parse_events import parse_events
from jobs.core.parsing.rules import Rules
from jobs.decoding.decode_settings import read_formats

SMALL = Workload(users=50, events=2_000, items=100)
RULES = Rules(frozenset(DEFAULT_ACTIONS))
NOW_MS = 2_000_000_000_000
EVENT = {
    "event_id": "e-1",
    "user_id": "ada",
    "item_id": "tea",
    "action": "purchase",
    "event_time": 1_750_000_000_123,
    "context": {"surface": "home"},
}


def events_of(lines):
    parsed = parse_events(lines, RULES, now_ms=NOW_MS)
    assert not parsed.dead
    found = parsed.events
    columns = (found.event_id, found.user_id, found.item_id, found.time_ms, found.action)
    return [list(column) for column in columns]


@pytest.mark.parametrize("source", SHAPES)
def test_the_job_reads_the_same_events_from_every_shape(source: str) -> None:
    config = load_config(overrides=["encoder.bundle=none", *SETTINGS[source]])
    lines = read_formats(config)["events"].compile()
    plain = list(SMALL.lines())
    *expected, actions = events_of(plain)
    *found, found_actions = events_of(lines(list(shaped(plain, source))))
    assert found == expected
    other = {"skip": "uncart", "dislike": "unlike"} if source == "segment" else {}
    assert found_actions == [other.get(action, action) for action in actions]
    assert (lines.counts.undecoded, lines.counts.ignored) == (0, 0)


def test_a_flat_row_has_its_time_in_seconds() -> None:
    assert flat(EVENT) == {
        "id": "e-1",
        "customer": "ada",
        "sku": "tea",
        "kind": "purchase",
        "at": 1_750_000_000.123,
        "surface": "home",
    }


def test_a_track_call_of_an_order_lists_its_product() -> None:
    call = segment(EVENT)
    assert (call["event"], call["userId"]) == ("Order Completed", "ada")
    assert call["timestamp"] == "2025-06-15T15:06:40.123Z"
    assert [product["product_id"] for product in call["properties"]["products"]] == ["tea"]
    assert segment({**EVENT, "action": "view"})["properties"]["product_id"] == "tea"


def test_a_change_event_has_the_row_of_the_contract_without_its_context() -> None:
    change = debezium(EVENT)
    assert (change["op"], change["before"]) == ("c", None)
    assert change["after"] == {name: EVENT[name] for name in EVENT if name != "context"}


def test_files_and_topics_have_the_lines_of_the_contract(tmp_path: Path) -> None:
    plain = list(SMALL.lines())
    files = shaped_files(SMALL, "files", tmp_path)
    assert list(lines_of(files)) == plain
    assert shaped_files(SMALL, "kafka", tmp_path) == files
    assert shaped_files(SMALL, "flat", tmp_path) != files
    first = next(lines_of(shaped_files(SMALL, "flat", tmp_path)))
    assert orjson.loads(first) == flat(orjson.loads(plain[0]))
