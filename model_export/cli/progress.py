"""Say what an export does: a line that changes at a terminal, lines in a log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

STEP_TEXTS = {
    "find": "Looking for the model",
    "prepare": "Preparing the tools",
    "load": "Loading the model",
    "export": "Writing the graph",
    "fuse": "Fusing the graph",
    "judge": "Comparing with the model",
    "publish": "Publishing",
}

LOG_LINE_EVERY_S = 10.0
"""What happens within a step is told this often in a log: learning has hundreds of batches."""

Say = Callable[[str], None]


@contextmanager
def shown_progress() -> Iterator[tuple[Say, Say]]:
    """Two functions: one told each step by its name, one told what happens within it."""
    console = Console(stderr=True)
    if not console.is_terminal:

        def say(text: str) -> None:
            console.print(text, markup=False, highlight=False, soft_wrap=True)

        last = 0.0

        def tell(what: str) -> None:
            nonlocal last
            if time.monotonic() - last >= LOG_LINE_EVERY_S:
                last = time.monotonic()
                say(f"  {what}")

        yield (lambda step: say(STEP_TEXTS[step])), tell
        return
    with console.status("Starting") as status:
        now = "Starting"

        def begin(step: str) -> None:
            nonlocal now
            now = STEP_TEXTS[step]
            status.update(now)

        yield begin, lambda what: status.update(f"{now}: {what}")
