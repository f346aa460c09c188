"""`interestream space back`, `status` and `retire`."""

from typing import Annotated

import orjson
import typer

from jobs.cli.options import AsJsonLines, Dsn, report_errors, require_dsn
from jobs.cli.output import print_line, print_rows
from jobs.core.ages import age
from jobs.spaces.change.go_back import activate_previous_space
from jobs.spaces.change.overview import space_overview
from jobs.spaces.change.retire import retire_space
from sql.connection import connect

SILENT_S = 15
"""A job that is behind and has not written for so many seconds may not be running."""


def add_commands(space: typer.Typer) -> None:
    """Add the commands to `interestream space`."""
    space.command("back")(back)
    space.command("status")(status)
    space.command("retire")(retire)


@report_errors
def back(dsn: Dsn = "") -> None:
    """Make the previously active space active again."""
    with connect(require_dsn(dsn), autocommit=True) as db:
        space = activate_previous_space(db)
    print_line(f"space {space.space_id} is active: {space.bundle}, {space.dim} dimensions")
    if space.records_behind:
        print_line(
            f"its job was {space.records_behind:,} records behind, and last wrote"
            f" {_ago(space.written_ago_s)}"
        )
        if space.written_ago_s is None or space.written_ago_s > SILENT_S:
            print_line("its job may not be running: until it catches up, answers stay that old")


@report_errors
def status(dsn: Dsn = "", as_json: AsJsonLines = False) -> None:
    """Show how every space compares with the active one."""
    with connect(require_dsn(dsn), autocommit=True) as db:
        rows = space_overview(db)
    if as_json:
        for row in rows:
            print(orjson.dumps(row).decode())
        return
    print_rows(
        [
            {
                **row,
                "bundle": f"{row['bundle_name']} {row['bundle_version']}",
                "with_items": f"{row['items_covered']:,} of {row['items']:,}",
                "with_users": f"{row['users_covered']:,} of {row['users']:,}",
                "written": _ago(row["written_ago_s"]),
            }
            for row in rows
        ],
        {
            "space_id": "space",
            "bundle": "bundle",
            "dim": "dim",
            "state": "",
            "records": "records",
            "records_behind": "behind",
            "with_items": "items",
            "with_users": "users",
            "written": "written",
        },
    )


@report_errors
def retire(
    space_id: int,
    dsn: Dsn = "",
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="also the space that `back` returns to, or that a job still writes to"
        ),
    ] = False,
) -> None:
    """Delete a space and everything in it, but never the active one."""
    with connect(require_dsn(dsn), autocommit=True) as db:
        retire_space(db, space_id, force=force)
    print_line(f"space {space_id} is deleted")


def _ago(seconds: float | None) -> str:
    """How long ago something happened, in the largest unit of which there are at least two.

    >>> _ago(None), _ago(7.4), _ago(5 * 60), _ago(3 * 86_400)
    ('never', '7 s ago', '5 min ago', '3 d ago')
    """
    return "never" if seconds is None else f"{age(seconds)} ago"
