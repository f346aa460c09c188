"""`interestream pseudonym`: the names by which a job with `privacy.pseudonyms` knows users."""

import os
from typing import Annotated

import typer

from jobs.cli.options import report_errors
from jobs.errors import InterestreamError


def add_commands(app: typer.Typer) -> None:
    """Add the command to `interestream`."""
    app.command("pseudonym", rich_help_panel="Maintain")(pseudonym)


@report_errors
def pseudonym(
    users: Annotated[list[str], typer.Argument(help="ids of users", show_default=False)],
) -> None:
    """Print the pseudonym of each user, one a line: by it SQL functions know the user.

    The key is that of the job, in INTERESTREAM_PSEUDONYM_KEY or in the file that
    INTERESTREAM_PSEUDONYM_KEY_FILE names.
    """
    from jobs.pseudonym_key import KEY_VARIABLES, given_pseudonyms  # noqa: PLC0415

    pseudonyms = given_pseudonyms(os.environ)
    if pseudonyms is None:
        raise InterestreamError(f"there is no key of pseudonyms: set {' or '.join(KEY_VARIABLES)}")
    for user in users:
        typer.echo(pseudonyms(user))


def known_as(user: str) -> str:
    """The name by which the database knows a user: the pseudonym where there is a key, else the id.

    Raises ConfigError for a key that cannot be used.
    """
    from jobs.pseudonym_key import given_pseudonyms  # noqa: PLC0415

    pseudonyms = given_pseudonyms(os.environ)
    return user if pseudonyms is None else pseudonyms(user)
