"""Show what an export does: a line that changes at a terminal, lines in a log."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from model_export.listener import STEP_TEXTS, ExportListener

LOG_LINE_EVERY_S = 10.0
"""A log gets at most one line of progress in this time: learning alone has hundreds of batches."""
LOG_SILENCE_S = 30.0
"""A log gets a line after this time whatever happens, so that nobody takes an export for dead."""

STILL = ", still"


@contextmanager
def shown_progress(on_report: Callable[[Table], None]) -> Iterator[ExportListener]:
    """Yield a listener that shows steps, notes and progress, and passes reports to `on_report`."""
    console = Console(stderr=True)
    if not console.is_terminal:
        with _running_log(console) as log:
            yield ExportListener(
                lambda step: log.say(STEP_TEXTS[step]),
                lambda what: log.say_now_and_then(f"  {what}"),
                on_report,
                on_note=lambda note: log.say(f"  {note}"),
            )
        return
    with console.status("Starting") as status:
        step_text = "Starting"

        def begin(step: str) -> None:
            nonlocal step_text
            step_text = STEP_TEXTS[step]
            status.update(step_text)

        yield ExportListener(
            begin,
            lambda what: status.update(f"{step_text}: {what}"),
            on_report,
            on_note=lambda note: console.print(note, markup=False, highlight=False),
        )


class _Log:
    """Lines of a log: few enough to read, and never a long silence."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._said_at = self._progress_at = 0.0
        self._latest = self._said = ""

    def say(self, text: str) -> None:
        """Print a line."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)
        self._latest = self._said = text
        self._said_at = time.monotonic()

    def say_now_and_then(self, text: str) -> None:
        """Print a line of progress, unless there was one just now."""
        self._latest = text
        if time.monotonic() - self._progress_at >= LOG_LINE_EVERY_S:
            self._progress_at = time.monotonic()
            self.say(text)

    def say_if_silent(self) -> None:
        """Print what is being done if nothing was printed for long."""
        if time.monotonic() - self._said_at >= LOG_SILENCE_S:
            known = self._latest == self._said
            self.say(self._latest if not known else f"{self._latest.removesuffix(STILL)}{STILL}")


@contextmanager
def _running_log(console: Console) -> Iterator[_Log]:
    """Yield a log, which a thread keeps from falling silent until the block ends."""
    log = _Log(console)
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(LOG_SILENCE_S / 10):
            log.say_if_silent()

    watcher = threading.Thread(target=watch, name="log", daemon=True)
    watcher.start()
    try:
        yield log
    finally:
        ended.set()
        watcher.join()
