"""Say what an export does: a line that changes at a terminal, lines in a log."""

from __future__ import annotations

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

Say = Callable[[str], None]


@contextmanager
def shown_progress() -> Iterator[tuple[Say, Say]]:
    """Two functions: one told each step by its name, one told what happens within it."""
    console = Console(stderr=True)
    if not console.is_terminal:

        def say(text: str) -> None:
            console.print(text, markup=False, highlight=False, soft_wrap=True)

        yield (lambda step: say(STEP_TEXTS[step])), (lambda what: say(f"  {what}"))
        return
    with console.status("Starting") as status:
        now = "Starting"

        def begin(step: str) -> None:
            nonlocal now
            now = STEP_TEXTS[step]
            status.update(now)

        yield begin, lambda what: status.update(f"{now}: {what}")
