"""What the commands share: where they print, what they are told, and how they end."""

import contextlib
import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Annotated, ParamSpec, TypeVar

import typer
from rich.console import Console

from jobs.cli.escape_controls import escape_controls
from jobs.errors import InterestreamError

P = ParamSpec("P")
R = TypeVar("R")

CHECK_FAILED = 1
NOT_DONE = 2
"""A wrong option, or something in the way that a person can put right."""
INTERRUPTED = 130

console = Console()
errors = Console(stderr=True)
"""For errors, and for progress where the output is for a program."""

Dsn = Annotated[
    str,
    typer.Option(
        envvar="INTERESTREAM_DSN",
        help="Postgres connection string; better in the environment, where no process list has it",
        show_default=False,
    ),
]
BundleRegistry = Annotated[
    str,
    typer.Option(
        envvar="INTERESTREAM_REGISTRY", help="where bundles are published", show_default=False
    ),
]
Space = Annotated[int | None, typer.Option(help="embedding space (default: the active one)")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on the standard output, for programs")]


def report_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Errors written for people are printed as they are, with exit code 2; Ctrl-C gives 130."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        import psycopg  # noqa: PLC0415

        from jobs.sinks.database_errors import describe_error  # noqa: PLC0415
        from sql.errors import ApplyError  # noqa: PLC0415
        from udfs.errors import UdfError  # noqa: PLC0415

        try:
            return command(*args, **kwargs)
        except (InterestreamError, UdfError, ApplyError) as error:
            _tell(str(error))
        except psycopg.Error as error:
            _tell(describe_error(error))
        except BrokenPipeError:
            # Whoever read our output has seen enough.
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        except OSError as error:
            _tell(f"{error.strerror or error}: {error.filename or 'no file'}")
        except KeyboardInterrupt:
            errors.print("Stopped.")
            sys.exit(INTERRUPTED)
        sys.exit(NOT_DONE)

    return run


def required(dsn: str) -> str:
    """The connection string; InterestreamError where there is none."""
    if not dsn:
        raise InterestreamError("no database: give --dsn, or set INTERESTREAM_DSN")
    return dsn


def progress_console(as_json: bool) -> Console:
    """Where to show progress: beside the output when a program reads that."""
    return errors if as_json else console


def _tell(problem: str) -> None:
    errors.print("[bold red]It did not work:[/]", end=" ")
    errors.print(
        escape_controls(problem, lines=True), markup=False, highlight=False, soft_wrap=True
    )
