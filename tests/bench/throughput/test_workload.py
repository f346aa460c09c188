from collections import Counter
from pathlib import Path

import orjson
import pytest

from bench.throughput.workload import ACTIONS, FILE_LINES, Workload
from jobs.action_settings import DEFAULT_ACTIONS
from jobs.core.parsing.parse_events import parse_events
from jobs.core.parsing.parse_items import parse_items
from jobs.core.parsing.rules import Rules

SMALL = Workload(users=500, events=FILE_LINES * 2 + 50, items=300)
RULES = Rules(frozenset(DEFAULT_ACTIONS))


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert list(SMALL.lines()) == list(SMALL.lines())


def test_another_seed_gives_other_events() -> None:
    assert list(SMALL.lines()) != list(Workload(500, SMALL.events, items=300, seed=2).lines())


def test_the_job_accepts_every_line() -> None:
    parsed = parse_events(list(SMALL.lines()), RULES, now_ms=2_000_000_000_000)
    assert not parsed.dead
    assert len(set(parsed.events.event_id)) == SMALL.events
    assert {event[:5] for event in parsed.events.event_id} == {"event"}
    assert set(parsed.events.action) == set(ACTIONS)


def test_every_item_of_an_event_is_in_the_catalogue() -> None:
    lines = [orjson.dumps(record) for record in SMALL.catalogue()]
    known = {item.item_id for item in parse_items(lines, RULES).items}
    assert len(known) == 300
    assert {orjson.loads(line)["item_id"] for line in SMALL.lines()} <= known


def test_lines_are_about_as_long_as_real_ones() -> None:
    lengths = [len(line) for line in SMALL.lines()]
    assert 130 < sum(lengths) / len(lengths) < 170


@pytest.mark.parametrize(("spread", "least", "most"), [("uniform", 0, 0.01), ("zipf", 0.1, 0.2)])
def test_users_are_spread_as_asked_for(spread: str, least: float, most: float) -> None:
    workload = Workload(500, SMALL.events, spread="zipf" if spread == "zipf" else "uniform")
    users = Counter(orjson.loads(line)["user_id"] for line in workload.lines())
    share = users.most_common(1)[0][1] / workload.events
    assert least < share < most
    assert len(users) > 400


def test_files_hold_every_line_once_and_are_made_once(tmp_path: Path) -> None:
    files = SMALL.files(tmp_path)
    assert [len(file.read_bytes().splitlines()) for file in files] == [FILE_LINES, FILE_LINES, 50]
    assert b"".join(file.read_bytes() for file in files).splitlines() == list(SMALL.lines())
    made = [file.stat().st_mtime_ns for file in files]
    assert [file.stat().st_mtime_ns for file in SMALL.files(tmp_path)] == made
