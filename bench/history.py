"""Results on disk: one JSON file per run of the benchmark."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import orjson

from bench.machine import Machine
from jobs.embedded import HOME

HISTORY = HOME / "bench" / "history"


def save(machine: Machine, parts: Mapping[str, object], folder: Path = HISTORY) -> Path:
    """Write a run's figures under the time of its end; the file."""
    at = datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{at:%Y%m%dT%H%M%SZ}.json"
    written = {"at": at.isoformat(timespec="seconds"), "machine": machine.as_json(), **parts}
    path.write_bytes(orjson.dumps(written, option=orjson.OPT_INDENT_2))
    return path
