"""Keeps results on disk: one folder for each run, with figures, raw results and plots."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from bench.harness.figures import Figure
from bench.harness.machine import Machine
from bench.plots import plot_run
from bench.report import markdown
from jobs.local.stack import HOME

HISTORY = HOME / "bench" / "history"
_WORDS = ("engine", "source", "profile", "mode", "turn")
"""What names a plot, where a result has it."""


class Saved:
    """The folder of one run, named by the time of its start.

    It has `results.json`, `figures.md` and a plot for each result with a series. It is written
    after every part, so that a run that is stopped keeps its results.
    """

    def __init__(self, machine: Machine, *, quick: bool, root: Path = HISTORY) -> None:
        self._machine = machine
        self._at = datetime.now(UTC)
        self._quick = quick
        self.folder = root / f"{self._at:%Y%m%dT%H%M%SZ}{'-quick' if quick else ''}"

    def write(
        self, parts: Mapping[str, Sequence[Mapping[str, Any]]], figures: Sequence[Figure]
    ) -> None:
        """Write raw results by part, and figures; nothing while there are no results."""
        if not any(parts.values()):
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        written = {
            "at": self._at.isoformat(timespec="seconds"),
            "quick": self._quick,
            "machine": self._machine.as_json(),
            "figures": [one.as_json() for one in figures],
            **parts,
        }
        option = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
        (self.folder / "results.json").write_bytes(orjson.dumps(written, option=option))
        (self.folder / "figures.md").write_text(markdown(self._machine, figures))
        for part, runs in parts.items():
            for number, run in enumerate(runs, start=1):
                if run.get("series"):
                    words = [str(run.get(key, "")) for key in _WORDS]
                    name = " ".join(word for word in (part, *words) if word)
                    file = f"{number:02d}-{re.sub(r'[^a-z0-9]+', '-', name.lower())}.png"
                    plot_run(name, run["series"], self.folder / file)
