"""Options and arguments that several commands share."""

from typing import Annotated

import typer

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
Dsn = Annotated[
    str,
    typer.Option(
        envvar="INTERESTREAM_DSN",
        help="Database whose spaces keep the versions they name.",
        show_default=False,
    ),
]
Bundle = Annotated[str, typer.Argument(help="NAME@VERSION; NAME alone is NAME@latest.")]
