"""Show what an export does: a line that changes at a terminal, lines in a log."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from model_export.listener import ExportListener

STEP_TEXTS = {
    "find": "Looking for the model",
    "prepare": "Preparing the tools",
    "load": "Loading the model",
    "export": "Writing the graph",
    "fuse": "Fusing the graph",
    "judge": "Comparing with the model",
    "publish": "Publishing",
    "read": "Reading what users did",
    "train": "Training",
    "refit": "Training on with the newest likes",
    "serve": "Writing vectors of items and users",
}

LOG_LINE_EVERY_S = 10.0
"""A log gets at most one line of progress in this time: learning alone has hundreds of batches."""


@contextmanager
def shown_progress(on_report: Callable[[Table], None]) -> Iterator[ExportListener]:
    """Yield a listener that shows steps and progress, and passes reports to `on_report`."""
    console = Console(stderr=True)
    if not console.is_terminal:

        def say(text: str) -> None:
            console.print(text, markup=False, highlight=False, soft_wrap=True)

        last = 0.0

        def say_now_and_then(what: str) -> None:
            nonlocal last
            if time.monotonic() - last >= LOG_LINE_EVERY_S:
                last = time.monotonic()
                say(f"  {what}")

        yield ExportListener(lambda step: say(STEP_TEXTS[step]), say_now_and_then, on_report)
        return
    with console.status("Starting") as status:
        step_text = "Starting"

        def begin(step: str) -> None:
            nonlocal step_text
            step_text = STEP_TEXTS[step]
            status.update(step_text)

        yield ExportListener(begin, lambda what: status.update(f"{step_text}: {what}"), on_report)
