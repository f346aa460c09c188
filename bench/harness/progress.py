"""Shows the progress of one run of a benchmark."""

import contextlib
import time
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class RunBar:
    """A progress bar; without a terminal, a line for each step and every ten seconds."""

    def __init__(self, console: Console, name: str, total: int, bars: Progress) -> None:
        self._console = console
        self._name = name
        self._bars = bars
        self._task = bars.add_task(name, total=total, stage="")
        self._printed_s = 0.0

    def step(self, stage: str) -> None:
        """Begin a step, and keep the count."""
        self._bars.update(self._task, stage=stage)
        self._print(stage, always=True)

    def restart(self, stage: str, total: int) -> None:
        """Begin a step that counts from 0 to `total`."""
        self._bars.reset(self._task, total=total, stage=stage)
        self._print(stage, always=True)

    def advance(self) -> None:
        """Count one more."""
        self._bars.advance(self._task)

    def move(self, done: int, stage: str) -> None:
        """Set the count, within a step."""
        self._bars.update(self._task, completed=done, stage=stage)
        self._print(f"{stage}: {done:,}")

    def _print(self, text: str, *, always: bool = False) -> None:
        now = time.monotonic()
        if not self._console.is_terminal and (always or now - self._printed_s > 10):
            self._printed_s = now
            self._console.print(f"{self._name}: {text}", highlight=False, soft_wrap=True)


@contextlib.contextmanager
def run_bar(console: Console, name: str, total: int) -> Iterator[RunBar]:
    """Show the progress of the run `name` while the block runs."""
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
