"""One line of progress per run of a benchmark."""

import contextlib
import time
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class RunBar:
    """Tells a person what a run is doing; without a terminal a line now and then."""

    def __init__(self, console: Console, name: str, total: int, bars: Progress) -> None:
        self._console = console
        self._name = name
        self._bars = bars
        self._task = bars.add_task(name, total=total, stage="")
        self._told_s = 0.0

    def step(self, stage: str) -> None:
        self._bars.update(self._task, stage=stage)
        self._tell(stage, always=True)

    def restart(self, stage: str, total: int) -> None:
        """Count from 0 to another total."""
        self._bars.reset(self._task, total=total, stage=stage)
        self._tell(stage, always=True)

    def advance(self) -> None:
        """One more of what `restart` began."""
        self._bars.advance(self._task)

    def move(self, done: int, stage: str) -> None:
        self._bars.update(self._task, completed=done, stage=stage)
        self._tell(f"{stage}: {done:,}")

    def _tell(self, text: str, *, always: bool = False) -> None:
        now = time.monotonic()
        if not self._console.is_terminal and (always or now - self._told_s > 10):
            self._told_s = now
            self._console.print(f"{self._name}: {text}", highlight=False, soft_wrap=True)


@contextlib.contextmanager
def run_bar(console: Console, name: str, total: int) -> Iterator[RunBar]:
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[stage]}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bars:
        yield RunBar(console, name, total, bars)
