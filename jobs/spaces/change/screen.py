"""What a change of the model shows: bars for people, a JSON object a line for programs."""

import contextlib
import math
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Protocol

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from jobs.spaces.change.change import Checked
from jobs.spaces.change.coverage import Coverage


class Screen(Protocol):
    def say(self, step: str, text: str, **told: object) -> None: ...
    def coverage(self, space_id: int, found: Coverage) -> None: ...
    def checked(self, space_id: int, found: Checked) -> None: ...


class Lines:
    """Plain lines; how far it is comes now and then."""

    def __init__(self, console: Console, every_s: float = 10.0) -> None:
        self._console = console
        self._every_s = every_s
        self._told_s = -math.inf

    def say(self, step: str, text: str, **told: object) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def coverage(self, space_id: int, found: Coverage) -> None:
        now_s = time.monotonic()
        if now_s - self._told_s < self._every_s:
            return
        self._told_s = now_s
        self.say("coverage", f"space {space_id}: {found.sentence()}")

    def checked(self, space_id: int, found: Checked) -> None:
        self.say("checked", f"check of space {space_id}: {found.coverage.sentence()}")
        if found.overlap is not None:
            self.say(
                "overlap",
                f"overlap@{found.overlap.k} of recommend() with the active space:"
                f" {found.overlap.mean:.3f} over {found.overlap.users} users",
            )
        for reason in found.refused:
            self.say("refused", f"not enough: {reason}")


class Bars(Lines):
    """The same with a bar for each of records, items and users."""

    def __init__(self, console: Console, bars: Progress) -> None:
        super().__init__(console)
        self._bars = bars
        self._tasks = {
            # The first moves until there is something to count.
            name: bars.add_task(name, total=None, visible=name == "records")
            for name in ("records", "items", "users")
        }

    def coverage(self, space_id: int, found: Coverage) -> None:
        for name, done, total in (
            ("records", found.records - found.records_behind, found.records),
            ("items", found.items_covered, found.items),
            ("users", found.users_covered, found.users),
        ):
            self._bars.update(self._tasks[name], completed=done, total=total, visible=True)


class JsonLines:
    def say(self, step: str, text: str, **told: object) -> None:
        _line({"step": step, "text": text, **told})

    def coverage(self, space_id: int, found: Coverage) -> None:
        _line({"step": "coverage", "space_id": space_id, **asdict(found)})

    def checked(self, space_id: int, found: Checked) -> None:
        _line({"step": "checked", "space_id": space_id, **asdict(found)})


def _line(told: dict[str, object]) -> None:
    print(orjson.dumps(told).decode(), flush=True)


@contextlib.contextmanager
def screen(console: Console, *, as_json: bool) -> Iterator[Screen]:
    """Bars on a terminal, else lines; objects for programs."""
    if as_json:
        yield JsonLines()
        return
    if not console.is_terminal:
        yield Lines(console)
        return
    with Progress(
        TextColumn("{task.description:>10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    ) as bars:
        yield Bars(console, bars)
