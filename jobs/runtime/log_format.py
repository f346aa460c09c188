"""Logs as JSON, one object a line, where the environment variable LOG_FORMAT asks for them.

Flink's Java writes them by a layout of log4j, and so do the steps, whose records go through Java;
the commands and the client write them in Python, under the same keys.
"""

import logging
import os
import re
from datetime import UTC, datetime
from typing import Any

import orjson

from jobs.errors import ConfigError

LOG_FORMAT = "INTERESTREAM_LOG_FORMAT"
"""Environment variable: `json`, or `text`, the default."""
PLAIN = "%(levelname)s %(name)s: %(message)s"

_TEMPLATE: dict[str, Any] = {
    "time": {
        "$resolver": "timestamp",
        "pattern": {"format": "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "timeZone": "UTC"},
    },
    "level": {"$resolver": "level", "field": "name"},
    "logger": {"$resolver": "logger", "field": "name"},
    # Of a task it is the operator's name and subtask.
    "thread": {"$resolver": "thread", "field": "name"},
    "job": {"$resolver": "mdc", "key": "flink-job-id"},
    "fields": {"$resolver": "mdc", "pattern": "^(?!flink-job-id$).*", "stringified": True},
    "message": {"$resolver": "message", "stringified": True},
    "exception": {
        "$resolver": "exception",
        "field": "stackTrace",
        "stackTrace": {"stringified": True},
    },
}
LAYOUT = {
    "type": "JsonTemplateLayout",
    "eventTemplate": orjson.dumps(_TEMPLATE).decode(),
    "maxStringLength": "65536",
}
"""Properties of an appender's layout, of the library log4j-layout-template-json in Flink's lib."""
_PATTERN_LAYOUT = re.compile(r"(?m)^(appender\.\w+)\.layout\.type\s*=\s*PatternLayout\s*$")
_PATTERN = re.compile(r"(?m)^appender\.\w+\.layout\.pattern\s*=.*\n?")


def logs_are_json() -> bool:
    """Whether JSON was asked for; raises ConfigError for a word that is no format."""
    found = os.environ.get(LOG_FORMAT, "")
    if found not in {"", "text", "json"}:
        raise ConfigError(f"{LOG_FORMAT} is '{found}': json and text are the formats")
    return found == "json"


def with_json_layout(properties: str) -> str:
    """A file of log4j's properties whose appenders write JSON in the place of a pattern."""

    def layout(match: re.Match[str]) -> str:
        return "\n".join(f"{match[1]}.layout.{key} = {value}" for key, value in LAYOUT.items())

    return _PATTERN.sub("", _PATTERN_LAYOUT.sub(layout, properties))


def warning_of(line: str) -> str:
    """The message of a warning in a log of Flink, in either format; empty for another line.

    >>> warning_of("2025-01-01 10:00:00,000 WARN  a.b [] - the message")
    'the message'
    >>> warning_of('{"level": "WARN", "message": "the message"}')
    'the message'
    """
    if not line.startswith("{"):
        return line.partition(" - ")[2].strip() if " WARN " in line else ""
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return ""
    return str(found.get("message", "")) if found.get("level") == "WARN" else ""


def configure_logging() -> None:
    """Have this process log to the standard error, as JSON where that was asked for."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if logs_are_json() else logging.Formatter(PLAIN))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


class JsonFormatter(logging.Formatter):
    """One object a line with the keys of Flink's lines; `fields` are those of `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        time = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": "WARN" if record.levelname == "WARNING" else record.levelname,
            "logger": record.name,
            "thread": record.threadName,
            "fields": getattr(record, "fields", {}),
            "message": _encodable(record.getMessage()),
        }
        if record.exc_info:
            line["exception"] = _encodable(self.formatException(record.exc_info))
        return orjson.dumps(line).decode()


def _encodable(text: str) -> str:
    """The text without halves of characters, which no JSON may hold."""
    return text.encode(errors="replace").decode()
