"""POST of events and items: durable, or refused with the reason that a dead letter would have."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from jobs.config import load_config
from jobs.serve.append.streams import streams_of
from tests.builders import event, event_line, item_line
from tests.jobs.serve.append.test_to_folder import lines_of
from tests.jobs.serve.served import FRESH, NOWHERE, Served, serving

NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for stream in ("events", "items"):
        (tmp_path / stream).mkdir()
    return tmp_path


@pytest.fixture
def appending(root: Path) -> Iterator[Served]:
    config = load_config(None, ['serve.accepts=["events","items"]'])
    with serving(NOWHERE, FRESH, appended=streams_of(config, root)) as served:
        yield served


def test_records_are_in_the_stream_when_the_answer_comes(appending: Served, root: Path) -> None:
    one = appending.ask("events", body=event(1))
    assert (one.status, one.json) == (202, {"accepted": 1, "ids": ["e1"]})
    assert [orjson.loads(line) for line in lines_of(root / "events")] == [event(1)]
    two = appending.ask("events", body=[event(2), event(3)])
    assert two.json == {"accepted": 2, "ids": ["e2", "e3"]}
    lines = event_line(4) + b"\n" + event_line(5) + b"\n"
    assert appending.ask("events", body=lines, headers=NDJSON).json["ids"] == ["e4", "e5"]
    assert appending.ask("items", body=orjson.loads(item_line("i1"))).json == {
        "accepted": 1,
        "ids": ["i1"],
    }
    assert len(lines_of(root / "events")) == 5
    assert len(lines_of(root / "items")) == 1


def test_what_would_be_a_dead_letter_is_refused_with_its_reason_and_nothing_is_written(
    appending: Served, root: Path
) -> None:
    records = [event(1), event(2, action="no such"), event(3), {**event(4), "event_time": "then"}]
    refused = appending.ask("events", body=records)
    assert refused.status == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json["type"] == "urn:interestream:problem:invalid_records"
    assert refused.json["errors"] == [
        {"where": "1", "detail": "no such", "reason": "unknown_action"},
        {"where": "3", "detail": "then", "reason": "bad_time"},
    ]
    for body, reason in [
        (b"{}", "missing_field"),
        (b'{"event_id": "a"', "not_json"),
        (b"[1]", "not_an_object"),
        (b"\x1eundecoded not_json x -\x1e{}", "not_json"),
        (b'{"event_id": "\\u0000"}', "null_character"),
        (b'{"event_id": "' + b"a" * 70_000 + b'"}', "too_large"),
    ]:
        reply = appending.ask("events", body=body, headers=NDJSON)
        assert (reply.status, reply.json["errors"][0]["reason"]) == (422, reason)
    assert lines_of(root / "events") == []


def test_a_form_of_a_foreign_page_is_refused(appending: Served, root: Path) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        reply = appending.ask("events", body=event_line(1), headers={"Content-Type": kind})
        assert reply.status == 415
    assert lines_of(root / "events") == []


def test_a_stream_that_is_away_or_not_named_is_told(tmp_path: Path) -> None:
    config = load_config(None, ['serve.accepts=["events"]'])
    with serving(NOWHERE, FRESH, appended=streams_of(config, tmp_path)) as served:
        away = served.ask("events", body=event(1))
        assert (away.status, away.headers["retry-after"]) == (503, "1")
        assert away.json["type"] == "urn:interestream:problem:stream_away"
        assert "there is no folder of events" in away.json["detail"].lower()
        off = served.ask("items", body=orjson.loads(item_line("i1")))
        assert off.status == 403
        assert off.json["type"] == "urn:interestream:problem:appending_is_off"
