"""What every command of ``interestream`` shares."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Annotated, ParamSpec, TypeVar

import typer
from rich.console import Console

from jobs.errors import InterestreamError

P = ParamSpec("P")
R = TypeVar("R")

console = Console()

Dsn = Annotated[
    str,
    typer.Option(envvar="INTERESTREAM_DSN", help="Postgres connection string", show_default=False),
]
BundleRegistry = Annotated[
    str,
    typer.Option(
        envvar="INTERESTREAM_REGISTRY", help="where bundles are published", show_default=False
    ),
]


def friendly(command: Callable[P, R]) -> Callable[P, R]:
    """Errors written for people are printed as they are, with exit code 2; Ctrl-C gives 130."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        import psycopg  # noqa: PLC0415

        from model_export.errors import ExportError  # noqa: PLC0415
        from sql.errors import ApplyError  # noqa: PLC0415
        from udfs.errors import UdfError  # noqa: PLC0415

        try:
            return command(*args, **kwargs)
        except (InterestreamError, UdfError, ExportError, ApplyError, psycopg.Error) as error:
            console.print("[bold red]It did not work:[/]", end=" ")
            console.print(str(error), markup=False, highlight=False)
            sys.exit(2)
        except KeyboardInterrupt:
            console.print("Stopped.")
            sys.exit(130)

    return run


def required(dsn: str) -> str:
    if not dsn:
        raise InterestreamError("no database: give --dsn, or set INTERESTREAM_DSN")
    return dsn
