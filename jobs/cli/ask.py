"""Commands for a first look at what the job has found out."""

from collections.abc import Sequence
from typing import Annotated, Any

import psycopg
import typer

from jobs.cli.options import AsJson, Dsn, Space, console, report_errors, required
from jobs.cli.output import print_json, print_rows, rows_of

PANEL = "Ask"

Count = Annotated[int, typer.Option("--k", "-k", min=1, help="how many items")]
LETTERS = """
SELECT stream, reason, count(*) AS letters, max(committed_at) AS newest
FROM interestream.dead_letters WHERE space_id = interestream.chosen_space(%s)
GROUP BY stream, reason ORDER BY letters DESC, stream, reason
"""


def add_commands(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(status)
    app.command(rich_help_panel=PANEL, epilog=RECOMMEND_EXAMPLES)(recommend)
    app.command(rich_help_panel=PANEL)(trending)
    app.command(rich_help_panel=PANEL)(similar)


@report_errors
def status(dsn: Dsn = "", space: Space = None, as_json: AsJson = False) -> None:
    """Show what has come in, what died and why, what waits, and how old the newest commit is."""
    with psycopg.connect(required(dsn), autocommit=True) as db:
        spaces = rows_of(
            db,
            "SELECT space_id, bundle_name || '/' || bundle_version AS bundle, dim, active"
            " FROM interestream.spaces ORDER BY space_id",
        )
        streams = rows_of(
            db,
            "SELECT *, extract(epoch FROM clock_timestamp() - newest_commit)::float8 AS lag_s"
            " FROM interestream.job_status(%s)",
            (space,),
        )
        try:
            letters = rows_of(db, LETTERS, (space,))
        except psycopg.errors.InsufficientPrivilege:
            letters = None
    if as_json:
        print_json({"streams": streams, "dead_letters": letters, "spaces": spaces})
        return
    print_rows(streams, STREAM_COLUMNS, "Streams (records since the state began)")
    if letters is None:
        console.print("Dead letters: this role may not read them.")
    elif letters:
        print_rows(letters, {"stream": "stream", "reason": "reason", "letters": "dead letters"})
    print_rows(
        spaces,
        {"space_id": "space", "bundle": "bundle", "dim": "dimension", "active": "active"},
    )
    if not streams:
        console.print("No job has committed anything to this space yet.")


STREAM_COLUMNS = {
    "stream": "stream",
    "records_in": "in",
    "applied": "applied",
    "duplicates": "twice",
    "dead_letters": "dead",
    "excluded": "excluded",
    "waiting": "waiting",
    "lag_s": "s since the last commit",
}
RECOMMEND_EXAMPLES = """
[bold]Examples[/]

interestream recommend ada

interestream recommend ada -k 3 --category book --category film --json
"""


@report_errors
def recommend(
    user: Annotated[str, typer.Argument(help="id of the user", show_default=False)],
    k: Count = 10,
    category: Annotated[list[str] | None, typer.Option(help="only these; may be repeated")] = None,
    dsn: Dsn = "",
    space: Space = None,
    as_json: AsJson = False,
) -> None:
    """Show what a user should see next; somebody unknown gets what is trending."""
    _answer(
        dsn,
        "SELECT * FROM interestream.recommend(%s, %s, %s, %s) ORDER BY rank",
        (user, k, category or None, space),
        {"rank": "", "title": "title", "score": "score", "reason": "because", "item_id": "item"},
        as_json,
    )


@report_errors
def trending(
    k: Count = 10,
    category: Annotated[str | None, typer.Option(help="only this one")] = None,
    dsn: Dsn = "",
    as_json: AsJson = False,
) -> None:
    """Show what is popular right now."""
    _answer(
        dsn,
        "SELECT * FROM interestream.trending(%s, %s) ORDER BY rank",
        (k, category),
        {
            "rank": "",
            "title": "title",
            "score": "score",
            "interactions": "people",
            "item_id": "item",
        },
        as_json,
    )


@report_errors
def similar(
    item: Annotated[str, typer.Argument(help="id of the item", show_default=False)],
    k: Count = 10,
    dsn: Dsn = "",
    space: Space = None,
    as_json: AsJson = False,
) -> None:
    """Show items like this one."""
    _answer(
        dsn,
        "SELECT * FROM interestream.similar_items(%s, %s, %s) ORDER BY rank",
        (item, k, space),
        {"rank": "", "title": "title", "similarity": "cosine", "item_id": "item"},
        as_json,
    )


def _answer(
    dsn: str, query: str, parameters: Sequence[Any], columns: dict[str, str], as_json: bool
) -> None:
    with psycopg.connect(required(dsn), autocommit=True) as db:
        rows = rows_of(db, query, parameters)
    if as_json:
        print_json(rows)
    elif rows:
        print_rows(rows, columns)
    else:
        console.print("Nothing was found.")
