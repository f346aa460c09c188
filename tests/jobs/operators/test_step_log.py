"""The lines of the steps: where dead letters lie, and nothing of what they say."""

import logging
from typing import Any

import pytest

from jobs.core.parsing.events import DeadLetter
from jobs.operators import step_log
from jobs.operators.step_log import DeadLetterLog, log_with_space

LETTERS = [
    DeadLetter(b"MARKED", "not_json", "MARKED", "MARKED"),
    DeadLetter(b"MARKED", "bad_time", "MARKED", None, "MARKED"),
    DeadLetter(b"MARKED", "bad_time"),
]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr("jobs.operators.step_log.time.monotonic", lambda: now[0])
    return now


def test_a_line_names_the_place_and_the_reasons_and_nothing_of_the_record(caplog, clock):
    caplog.set_level(logging.INFO)
    DeadLetterLog().wrote("events", epoch=4, bucket=2, end=20, dead=LETTERS)
    (record,) = caplog.records
    assert "3 records" in record.getMessage()
    assert "bad_time 2, not_json 1" in record.getMessage()
    assert record.fields == {
        "stream": "events",
        "epoch": 4,
        "bucket": 2,
        "first_seq": 17,
        "last_seq": 19,
    }
    assert "MARKED" not in caplog.text


def test_a_flood_of_them_is_a_line_every_ten_seconds_that_counts_all(caplog, clock):
    caplog.set_level(logging.INFO)
    log = DeadLetterLog()
    for number in range(100):
        clock[0] = number * 0.1
        log.wrote("events", 1, 0, 3 * (number + 1), LETTERS)
    log.wrote("events", 1, 0, 300, [])
    assert len(caplog.records) == 1
    clock[0] = 10.0
    log.wrote("events", 1, 0, 301, LETTERS[:1])
    assert len(caplog.records) == 2
    assert caplog.records[1].getMessage().startswith("298 records")


def test_lines_have_the_space_and_pythons_logger_while_they_are_written(monkeypatch):
    class Mdc(dict[str, str]):
        def put(self, name: str, value: str) -> None:
            self[name] = value

        def remove(self, name: str) -> None:
            del self[name]

    mdc = Mdc()
    seen: list[dict[str, str]] = []

    class Java(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(dict(mdc))

    root = logging.getLogger()
    handler = step_log._WithFields(Java(), mdc)
    monkeypatch.setattr(root, "handlers", [handler])
    log_with_space(7)
    extra: dict[str, Any] = {"fields": {"bucket": 2}}
    logging.getLogger("a.b").warning("said", extra=extra)
    assert seen == [{"python": "a.b", "space": "7", "bucket": "2"}]
    assert mdc == {}


def test_outside_of_java_nothing_changes():
    before = list(logging.getLogger().handlers)
    log_with_space(1)
    assert logging.getLogger().handlers == before
