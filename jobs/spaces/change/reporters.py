"""How a change of the model reports its progress: bars or lines for people, JSON for programs."""

import contextlib
import math
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Protocol

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from jobs.spaces.change.coverage import Coverage
from jobs.spaces.change.readiness import CheckResult


class ChangeReporter(Protocol):
    """Receives the steps of a change as they happen."""

    def message(self, step: str, text: str, **fields: object) -> None:
        """Report that `step` has begun or ended; `fields` are further keys of its JSON object."""

    def coverage(self, space_id: int, coverage: Coverage) -> None:
        """Report how much of the active space the new space covers so far."""

    def checked(self, space_id: int, result: CheckResult) -> None:
        """Report the outcome of the check before the switch."""


class LineReporter:
    """Prints plain lines, and the coverage at most every `every_s` seconds."""

    def __init__(self, console: Console, every_s: float = 10.0) -> None:
        self._console = console
        self._every_s = every_s
        self._last_coverage_s = -math.inf

    def message(self, step: str, text: str, **fields: object) -> None:
        """Print `text`."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def coverage(self, space_id: int, coverage: Coverage) -> None:
        """Print the coverage, unless it was printed less than `every_s` seconds ago."""
        now_s = time.monotonic()
        if now_s - self._last_coverage_s < self._every_s:
            return
        self._last_coverage_s = now_s
        self.message("coverage", f"space {space_id}: {coverage.sentence()}")

    def checked(self, space_id: int, result: CheckResult) -> None:
        """Print the coverage, the overlap, and each requirement that is not met."""
        self.message("checked", f"check of space {space_id}: {result.coverage.sentence()}")
        if result.overlap is not None:
            self.message(
                "overlap",
                f"overlap@{result.overlap.k} of recommend() with the active space:"
                f" {result.overlap.mean:.3f} over {result.overlap.users} users",
            )
        for reason in result.refused:
            self.message("refused", f"not enough: {reason}")


class BarReporter(LineReporter):
    """Prints lines above three progress bars: records, items and users."""

    def __init__(self, console: Console, bars: Progress) -> None:
        super().__init__(console)
        self._bars = bars
        self._tasks = {
            # Only the bar of records shows, without a total, until the first coverage is known.
            name: bars.add_task(name, total=None, visible=name == "records")
            for name in ("records", "items", "users")
        }

    def coverage(self, space_id: int, coverage: Coverage) -> None:
        """Move the bars."""
        for name, done, total in (
            ("records", coverage.records - coverage.records_behind, coverage.records),
            ("items", coverage.items_covered, coverage.items),
            ("users", coverage.users_covered, coverage.users),
        ):
            self._bars.update(self._tasks[name], completed=done, total=total, visible=True)


class JsonReporter:
    """Prints one JSON object per line to the standard output, flushed at once."""

    def message(self, step: str, text: str, **fields: object) -> None:
        """Print `step`, `text` and `fields`."""
        _print_object({"step": step, "text": text, **fields})

    def coverage(self, space_id: int, coverage: Coverage) -> None:
        """Print the fields of the coverage."""
        _print_object({"step": "coverage", "space_id": space_id, **asdict(coverage)})

    def checked(self, space_id: int, result: CheckResult) -> None:
        """Print the fields of the result."""
        _print_object({"step": "checked", "space_id": space_id, **asdict(result)})


def _print_object(fields: dict[str, object]) -> None:
    print(orjson.dumps(fields).decode(), flush=True)


@contextlib.contextmanager
def change_reporter(console: Console, *, as_json: bool) -> Iterator[ChangeReporter]:
    """Give a reporter: JSON lines if `as_json`, bars on a terminal, else plain lines."""
    if as_json:
        yield JsonReporter()
        return
    if not console.is_terminal:
        yield LineReporter(console)
        return
    with Progress(
        TextColumn("{task.description:>10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    ) as bars:
        yield BarReporter(console, bars)
