"""The lines of the steps: where dead letters lie, and nothing of what they say."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jobs.core.parsing.events import DeadLetter
from jobs.operators import step_log
from jobs.operators.step_log import DeadLetterLog, log_with_space
from jobs.runtime.environment import job_environment
from jobs.runtime.flink_conf import copy_conf
from jobs.runtime.log_format import LOG_FORMAT

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
    assert "line: 3 (bad_time 2, not_json 1)" in record.getMessage()
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
    assert "line: 298 (" in caplog.records[1].getMessage()


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


IN_JAVA = """
import logging, sys, threading
from jobs.core.parsing.events import DeadLetter
from jobs.operators.step_log import DeadLetterLog, log_with_space

log_with_space(6)
log_with_space(7)  # the next job of a TaskManager that is kept
letter = DeadLetter(b'MARKED', 'not_json', 'MARKED', 'MARKED')
DeadLetterLog().wrote('events', epoch=4, bucket=2, end=20, dead=[letter])
log = logging.getLogger('a.b')
log.warning('said {} "%s"', 'x')
thread = threading.Thread(target=log.warning, args=('from a thread',))
thread.start()
thread.join()
"""
BRIDGE = """
import sys
from pyflink.java_gateway import get_gateway

java = get_gateway().jvm
builder = java.pemja.core.PythonInterpreterConfig.newBuilder()
builder.setPythonExec(sys.executable)
interpreter = java.pemja.core.PythonInterpreter(builder.build())
interpreter.exec(sys.argv[1])
interpreter.close()
"""


def test_the_lines_of_a_step_inside_java_are_json_with_their_fields(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LOG_FORMAT, "json")
    copy_conf(tmp_path / "conf")
    root = str(Path(step_log.__file__).parents[2])
    environment = {
        **job_environment(tmp_path / "log"),
        "FLINK_CONF_DIR": str(tmp_path / "conf"),
        "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]),
    }
    subprocess.run(
        [sys.executable, "-c", BRIDGE, IN_JAVA], env=environment, check=True, timeout=300
    )
    (file,) = (tmp_path / "log").glob("*.log")
    assert "MARKED" not in file.read_text()
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    dead, said, threaded = (line for line in lines if line["fields"].get("space") == "7")
    assert (dead["level"], dead["fields"]["python"]) == ("INFO", "jobs.operators.step_log")
    assert dead["fields"] == {
        "python": "jobs.operators.step_log",
        "space": "7",
        "stream": "events",
        "epoch": "4",
        "bucket": "2",
        "first_seq": "19",
        "last_seq": "19",
    }
    assert (said["level"], said["message"]) == ("WARN", 'said {} "x"')
    assert said["fields"] == threaded["fields"] == {"python": "a.b", "space": "7"}
