"""`interestream user-data`: everything that is known about a user."""

from typing import Annotated

import typer

from jobs.cli.options import Dsn, report_errors, require_dsn
from jobs.cli.output import print_json
from jobs.cli.pseudonym import known_as
from sql.connection import connect


def add_commands(app: typer.Typer) -> None:
    """Add the command to `interestream`."""
    app.command("user-data", rich_help_panel="Maintain")(user_data_document)


@report_errors
def user_data_document(
    user: Annotated[str, typer.Argument(help="id of the user", show_default=False)],
    dsn: Dsn = "",
) -> None:
    """Print everything that the database knows about a user, as JSON.

    Bytes of records are base64. It needs a role that is a member of interestream_admin, since dead
    letters hold raw records. With a key of pseudonyms in the environment the user is looked for by
    the pseudonym. docs/operations.md says what is known elsewhere.
    """
    from jobs.maintenance.user_data import user_data  # noqa: PLC0415

    with connect(require_dsn(dsn)) as db:
        # One moment for all tables, while the job writes.
        db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        document = user_data(db, known_as(user))
    print_json(document)
