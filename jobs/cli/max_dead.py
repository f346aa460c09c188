"""The option --max-dead, and the exit code of a feed that lost more records than that."""

import sys
from typing import Annotated

import typer

from jobs.cli.options import CHECK_FAILED, error_console

MaxDead = Annotated[
    str,
    typer.Option(
        metavar="SHARE|NUMBER",
        help="exit with 1 when more than these records of a stream died: 10%, 0.1 or 100",
    ),
]
MAX_DEAD = "10%"
"""Of a data set: with more, the mapping is likely to be wrong."""


def exit_by(failure: str) -> None:
    """Say why a feed is no success, and exit with CHECK_FAILED; go on where `failure` is empty."""
    if failure:
        error_console.print("[bold red]Not accepted:[/]", end=" ")
        error_console.print(failure, markup=False, highlight=False, soft_wrap=True)
        sys.exit(CHECK_FAILED)
