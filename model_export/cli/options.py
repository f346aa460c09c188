"""Options and arguments that several commands share."""

from typing import Annotated

import typer

from jobs.errors import ConfigError
from jobs.secret_values import DSN, secret

RegistryUrl = Annotated[
    str,
    typer.Option(
        "--registry",
        "--out",
        envvar="INTERESTREAM_REGISTRY",
        help="Where bundles are published: a folder, or s3://, gs://, memory://.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


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
        help="Database whose spaces keep the versions they name.",
        show_default=False,
    ),
]
Bundle = Annotated[str, typer.Argument(help="NAME@VERSION; NAME alone is NAME@latest.")]
