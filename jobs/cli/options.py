"""What all commands share: consoles, options, exit codes, and the handling of errors."""

import contextlib
import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, ParamSpec, TypeVar

import psycopg
import typer
from rich.console import Console

from interestream.errors import AskError
from jobs.cli.escape_controls import escape_controls
from jobs.errors import ConfigError, InterestreamError
from jobs.secret_values import DSN, secret
from jobs.sinks.database_errors import describe_error
from sql.errors import ApplyError
from udfs.errors import UdfError

P = ParamSpec("P")
R = TypeVar("R")

CHECK_FAILED = 1
NOT_DONE = 2
"""A wrong option, or a problem that the user can solve; the message says how."""
INTERRUPTED = 130

console = Console()
error_console = Console(stderr=True)
"""For errors, and for progress when a program reads the standard output."""


def _dsn_or_file(given: str) -> str:
    try:
        return given or secret(DSN)
    except ConfigError as error:
        raise typer.BadParameter(str(error)) from None


Dsn = Annotated[
    str,
    typer.Option(
        envvar=DSN,
        callback=_dsn_or_file,
        help="Postgres connection string; prefer the environment variable, or the file that"
        f" {DSN}_FILE names, since process lists show options",
        show_default=False,
    ),
]
BundleRegistry = Annotated[
    str,
    typer.Option(
        envvar="INTERESTREAM_REGISTRY",
        help="address of the registry of bundles",
        show_default=False,
    ),
]
Space = Annotated[int | None, typer.Option(help="embedding space (default: the active one)")]
StreamsFolder = Annotated[
    Path | None,
    typer.Option(help="folder of the streams (default: sources.root)", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on the standard output, for programs")]
ConfigFile = Annotated[Path | None, typer.Option(help="the job's TOML file")]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="SECTION.KEY=VALUE", help="a setting of the job"),
]
FlinkOptions = Annotated[
    list[str] | None, typer.Option("--flink", metavar="KEY=VALUE", help="option of Flink")
]
AsJsonLines = Annotated[bool, typer.Option("--json", help="one JSON object per line")]


def report_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Make `command` print expected errors as one message and exit with 2; Ctrl-C exits with 130.

    Expected are the errors of this project and of its client, of Postgres and of the operating
    system. Any other error is a bug and keeps its traceback. A closed pipe ends the command with 0.
    """

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (InterestreamError, AskError, UdfError, ApplyError) as error:
            _print_error(str(error))
        except psycopg.Error as error:
            _print_error(describe_error(error))
        except BrokenPipeError:
            # The reader (`head`, for example) closed the pipe. Without the redirection the
            # interpreter would fail again when it flushes the standard output at exit.
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        except OSError as error:
            reason = error.strerror or str(error)
            _print_error(f"{reason}: {error.filename}" if error.filename else reason)
        except KeyboardInterrupt:
            error_console.print("Stopped.")
            sys.exit(INTERRUPTED)
        sys.exit(NOT_DONE)

    return run


def require_dsn(dsn: str) -> str:
    """Return the connection string; raises InterestreamError when it is empty."""
    if not dsn:
        raise InterestreamError("no database: give --dsn, or set INTERESTREAM_DSN")
    return dsn


def flink_pairs(options: list[str] | None) -> dict[str, str]:
    """Return the options of `--flink` by key.

    Raises InterestreamError for one that is not KEY=VALUE.
    """
    pairs = {}
    for text in options or []:
        key, separator, value = text.partition("=")
        if not separator or not key:
            raise InterestreamError(f"--flink reads KEY=VALUE, which '{text}' does not")
        pairs[key] = value
    return pairs


def progress_console(as_json: bool) -> Console:
    """Return the console for progress: standard error when the standard output is JSON."""
    return error_console if as_json else console


def _print_error(message: str) -> None:
    error_console.print("[bold red]It did not work:[/]", end=" ")
    error_console.print(
        escape_controls(message, lines=True), markup=False, highlight=False, soft_wrap=True
    )
