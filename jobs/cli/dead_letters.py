"""Commands for records that were not accepted."""

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

import psycopg
import typer

from jobs.cli.escape_controls import printable_bytes
from jobs.cli.options import AsJson, Dsn, Space, console, report_errors, required
from jobs.cli.output import print_json, print_rows, rows_of
from jobs.errors import InterestreamError

StreamName = Literal["events", "items", "control"]
Reasons = Annotated[list[str] | None, typer.Option("--reason", help="only these; may be repeated")]

EXAMPLES = """
[bold]Examples[/]

interestream dead-letters --reason bad_time --newest 20

interestream dead-letters export events letters.ndjson --reason unknown_action

[dim]feed them again, straight into the folder that the job watches:[/]

interestream dead-letters export events /data/streams/events/again.ndjson --reason unknown_action
"""


CHOSEN = """
FROM interestream.dead_letters
WHERE space_id = interestream.chosen_space(%(space)s)
AND (%(stream)s::text IS NULL OR stream = %(stream)s)
AND (%(reasons)s::text[] IS NULL OR reason = ANY(%(reasons)s))
"""


def add_commands(app: typer.Typer) -> None:
    group = typer.Typer(invoke_without_command=True, epilog=EXAMPLES, rich_markup_mode="rich")
    group.callback()(dead_letters)
    group.command()(export)
    app.add_typer(group, name="dead-letters", rich_help_panel="Ask")


@report_errors
def dead_letters(
    context: typer.Context,
    stream: Annotated[StreamName | None, typer.Option(help="only this one")] = None,
    reason: Reasons = None,
    newest: Annotated[int, typer.Option(min=0, help="how many to show in full")] = 10,
    dsn: Dsn = "",
    space: Space = None,
    as_json: AsJson = False,
) -> None:
    """Show records that were not accepted: how many for which reason, and the newest ones.

    In JSON, raw is the record's bytes in base64.
    """
    if context.invoked_subcommand is not None:
        return
    told = {"space": space, "stream": stream, "reasons": reason or None, "newest": newest}
    with psycopg.connect(required(dsn), autocommit=True) as db:
        reasons = rows_of(
            db,
            f"SELECT stream, reason, count(*) AS letters, max(committed_at) AS newest {CHOSEN}"
            " GROUP BY stream, reason ORDER BY letters DESC, stream, reason",
            told,
        )
        letters = rows_of(
            db,
            f"SELECT committed_at, stream, reason, detail, user_id, raw {CHOSEN}"
            " ORDER BY committed_at DESC, epoch DESC, bucket, seq DESC LIMIT %(newest)s",
            told,
        )
    if as_json:
        print_json({"reasons": reasons, "newest": letters})
        return
    if not reasons:
        console.print("There are none.")
        return
    print_rows(
        reasons,
        {"stream": "stream", "reason": "reason", "letters": "dead letters", "newest": "newest"},
    )
    if letters:
        print_rows(
            [{**letter, "raw": printable_bytes(letter["raw"])} for letter in letters],
            {
                "committed_at": "when",
                "stream": "stream",
                "reason": "reason",
                "detail": "detail",
                "user_id": "user",
                "raw": "record",
            },
        )


@report_errors
def export(
    stream: Annotated[StreamName, typer.Argument(help="the stream they came in")],
    path: Annotated[Path, typer.Argument(help="file to write, or - for the standard output")],
    reason: Reasons = None,
    dsn: Dsn = "",
    space: Space = None,
) -> None:
    """Write the raw records, one a line and byte for byte, to be fed again after a fix.

    They stay in the table. A record that is good by now is accepted when it is fed again, and
    counts once.
    """
    to_standard_output = str(path) == "-"
    if to_standard_output and sys.stdout.isatty():
        raise InterestreamError(
            "raw records may hold anything, also what a terminal obeys: name a file, or redirect"
        )
    chosen = {"space": space, "stream": stream, "reasons": reason or None}
    with psycopg.connect(required(dsn)) as db:
        if to_standard_output:
            for line in _lines(db, chosen):
                sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
        else:
            count = _write(path, _lines(db, chosen))
            console.print(f"{count:,} records", highlight=False)


def _lines(db: psycopg.Connection, chosen: Mapping[str, object]) -> Iterator[bytes]:
    # A cursor of the server: the letters may be more than memory holds.
    with db.cursor("letters", binary=True) as cursor:
        cursor.execute(f"SELECT raw {CHOSEN} ORDER BY committed_at, bucket, seq".encode(), chosen)
        for (raw,) in cursor:
            yield raw + b"\n"


def _write(path: Path, lines: Iterator[bytes]) -> int:
    """In one step: a job may be watching the folder, and reads a file once."""
    aside = path.with_name(f".{path.name}")
    count = 0
    try:
        with aside.open("wb") as file:
            for line in lines:
                file.write(line)
                count += 1
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    return count
