"""Logs in JSON: Flink's own configurations of log4j, and the lines of Python."""

import json
import logging
import re
import subprocess
import sys

import pytest

from jobs.errors import ConfigError
from jobs.runtime.environment import flink_home
from jobs.runtime.flink_conf import SECRET_LOGGERS, copy_conf
from jobs.runtime.log_format import LAYOUT, LOG_FORMAT, JsonFormatter, logs_are_json


def test_every_appender_of_flinks_files_gets_the_layout_and_keeps_the_rest(monkeypatch, tmp_path):
    monkeypatch.setenv(LOG_FORMAT, "json")
    copy_conf(tmp_path)
    files = sorted(tmp_path.glob("log4j*.properties"))
    assert len(files) == 4
    for file in files:
        text = file.read_text()
        before = (flink_home() / "conf" / file.name).read_text()
        appenders = re.findall(r"(?m)^appender\.(\w+)\.layout\.type", before)
        assert re.findall(r"(?m)^appender\.(\w+)\.layout\.type = JsonTemplateLayout", text) == (
            appenders
        )
        assert "PatternLayout" not in text
        assert "layout.pattern" not in text
        kept = {line for line in before.splitlines() if ".layout." not in line}
        assert kept <= set(text.splitlines())
        assert all(name in text for name in SECRET_LOGGERS)
    assert any((flink_home() / "lib").glob("log4j-layout-template-json-*.jar"))


def test_the_template_is_one_line_of_json_without_a_lookup():
    assert json.loads(LAYOUT["eventTemplate"])["message"]["$resolver"] == "message"
    assert "\n" not in LAYOUT["eventTemplate"]
    assert "${" not in LAYOUT["eventTemplate"]


def test_text_is_the_default_and_another_word_is_refused(monkeypatch, tmp_path):
    for word in ("", "text"):
        monkeypatch.setenv(LOG_FORMAT, word)
        assert not logs_are_json()
    copy_conf(tmp_path)
    assert "JsonTemplateLayout" not in (tmp_path / "log4j-console.properties").read_text()
    monkeypatch.setenv(LOG_FORMAT, "xml")
    with pytest.raises(ConfigError, match="json and text"):
        copy_conf(tmp_path)


def test_a_line_of_python_has_the_keys_of_flinks():
    try:
        raise ValueError("two\nlines \ud800")
    except ValueError:
        record = logging.makeLogRecord(
            {
                "name": "a.b",
                "levelno": logging.WARNING,
                "levelname": "WARNING",
                "msg": 'said "%s"\n\x00\ud800',
                "args": ("x",),
                "fields": {"bucket": 2},
                "exc_info": sys.exc_info(),
            }
        )
    line = JsonFormatter().format(record)
    assert "\n" not in line
    found = json.loads(line)
    assert set(found) <= set(json.loads(LAYOUT["eventTemplate"]))
    assert (found["level"], found["logger"], found["fields"]) == ("WARN", "a.b", {"bucket": 2})
    assert found["message"] == 'said "x"\n\x00?'
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", found["time"])
    assert "ValueError: two" in found["exception"]


def test_the_job_says_in_json_what_it_says(monkeypatch):
    """The client of Flink logs before there is any Java."""
    code = (
        "from jobs.runtime.log_format import configure_logging; import logging;"
        " configure_logging(); logging.getLogger('x').info('said')"
    )
    monkeypatch.setenv(LOG_FORMAT, "json")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(done.stderr)["message"] == "said"
