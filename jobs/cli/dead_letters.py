"""Commands for dead letters: records that were not accepted."""

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import psycopg
import typer

from jobs.cli.escape_controls import escape_bytes
from jobs.cli.options import AsJson, Dsn, Space, console, report_errors, require_dsn
from jobs.cli.output import fetch_rows, print_json, print_rows
from jobs.errors import InterestreamError
from sql.connection import connect

StreamName = Literal["events", "items", "control"]
Reasons = Annotated[
    list[str] | None, typer.Option("--reason", help="only with this reason; may be repeated")
]

EXAMPLES = """
[bold]Examples[/]

interestream dead-letters --reason bad_time --newest 20

interestream dead-letters export events dead-letters.ndjson --reason unknown_action

[dim]# feed them again[/]

interestream dead-letters export events - | interestream feed events --streams /data/streams
"""


_FILTERED = """
FROM interestream.dead_letters
WHERE space_id = interestream.chosen_space(%(space)s)
AND (%(stream)s::text IS NULL OR stream = %(stream)s)
AND (%(reasons)s::text[] IS NULL OR reason = ANY(%(reasons)s))
"""

_REMOVED = """
SELECT stream, reason, letters AS removed, newest_at AS newest
FROM interestream.removed_dead_letters
WHERE space_id = interestream.chosen_space(%(space)s)
AND (%(stream)s::text IS NULL OR stream = %(stream)s)
AND (%(reasons)s::text[] IS NULL OR reason = ANY(%(reasons)s))
ORDER BY stream, reason
"""


def add_commands(app: typer.Typer) -> None:
    """Add `dead-letters` and its subcommand to `interestream`."""
    group = typer.Typer(invoke_without_command=True, epilog=EXAMPLES, rich_markup_mode="rich")
    group.callback()(dead_letters)
    group.command()(export)
    app.add_typer(group, name="dead-letters", rich_help_panel="Query")


@report_errors
def dead_letters(
    context: typer.Context,
    stream: Annotated[StreamName | None, typer.Option(help="only records of this stream")] = None,
    reason: Reasons = None,
    newest: Annotated[int, typer.Option(min=0, help="how many dead letters to show in full")] = 10,
    dsn: Dsn = "",
    space: Space = None,
    as_json: AsJson = False,
) -> None:
    """Show how many records were not accepted, for which reasons, and the newest of them.

    In JSON, `raw` holds the bytes of the record in base64.
    """
    if context.invoked_subcommand is not None:
        return
    parameters = {
        "space": space,
        "stream": stream,
        "reasons": reason or None,
        "newest": newest,
    }
    with connect(require_dsn(dsn), autocommit=True) as db:
        reasons = fetch_rows(
            db,
            f"SELECT stream, reason, count(*) AS letters, max(committed_at) AS newest {_FILTERED}"
            " GROUP BY stream, reason ORDER BY letters DESC, stream, reason",
            parameters,
        )
        gone = fetch_rows(db, _REMOVED, parameters)
        newest_rows = fetch_rows(
            db,
            f"SELECT committed_at, stream, reason, detail, user_id, raw {_FILTERED}"
            " ORDER BY committed_at DESC, epoch DESC, bucket, seq DESC LIMIT %(newest)s",
            parameters,
        )
    reasons = _with_removed(reasons, gone)
    if as_json:
        print_json({"reasons": reasons, "newest": newest_rows})
        return
    if not reasons:
        console.print("No dead letters were found.")
        return
    print_rows(
        reasons,
        {
            "stream": "stream",
            "reason": "reason",
            "letters": "dead letters",
            "removed": "removed before",
            "newest": "newest",
        },
    )
    if newest_rows:
        console.print()
        print_rows(
            [{**row, "raw": escape_bytes(row["raw"])} for row in newest_rows],
            {
                "committed_at": "when",
                "stream": "stream",
                "reason": "reason",
                "detail": "detail",
                "user_id": "user",
                "raw": "record",
            },
            or_records=True,
        )


def _with_removed(
    reasons: list[dict[str, Any]], gone: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The reasons with how many letters `interestream maintain` has removed, and those of which
    none is left."""
    removed = {(row["stream"], row["reason"]): row for row in gone}
    here = {(row["stream"], row["reason"]) for row in reasons}
    kept = [
        {**row, "removed": removed.get((row["stream"], row["reason"]), {}).get("removed", 0)}
        for row in reasons
    ]
    return kept + [{"letters": 0, **row} for key, row in removed.items() if key not in here]


@report_errors
def export(
    stream: Annotated[StreamName, typer.Argument(help="stream that the records came from")],
    path: Annotated[Path, typer.Argument(help="file to write, or - for the standard output")],
    reason: Reasons = None,
    dsn: Dsn = "",
    space: Space = None,
) -> None:
    """Write the raw records, one per line and byte for byte, to be fed again after a fix.

    The dead letters stay in the table. A record that is valid by then is accepted when it is fed
    again, and counts once.
    """
    to_standard_output = str(path) == "-"
    if to_standard_output and sys.stdout.isatty():
        raise InterestreamError(
            "raw records may hold control characters, which a terminal would execute: name a file,"
            " or redirect the output"
        )
    parameters = {"space": space, "stream": stream, "reasons": reason or None}
    with connect(require_dsn(dsn)) as db:
        if to_standard_output:
            for line in _raw_lines(db, parameters):
                sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
        else:
            count = _write(path, _raw_lines(db, parameters))
            console.print(f"{count:,} records", highlight=False)


def _raw_lines(db: psycopg.Connection, parameters: Mapping[str, object]) -> Iterator[bytes]:
    # A server-side cursor: the dead letters may not fit into memory.
    with db.cursor("dead_letters", binary=True) as cursor:
        cursor.execute(
            f"SELECT raw {_FILTERED} ORDER BY committed_at, bucket, seq".encode(), parameters
        )
        for (raw,) in cursor:
            yield raw + b"\n"


def _write(path: Path, lines: Iterator[bytes]) -> int:
    """Write a file and return its number of lines.

    The file appears in one step, by renaming: a job that watches the folder reads each file once,
    and must not see half of it.
    """
    temporary = path.with_name(f".{path.name}")
    count = 0
    try:
        with temporary.open("wb") as file:
            for line in lines:
                file.write(line)
                count += 1
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return count
