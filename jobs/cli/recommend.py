"""Commands that recommend: items, topics and people."""

from typing import Annotated, Any

import typer
from psycopg import sql
from psycopg.types.json import Jsonb

from jobs.cli.item_conditions import filter_argument, read_filter, read_quotas, why_none_passes
from jobs.cli.options import AsJson, Dsn, Space, report_errors, require_dsn
from jobs.cli.output import fetch_rows, print_answer
from jobs.cli.pseudonym import known_as
from sql.connection import connect

PANEL = "Query"

User = Annotated[str, typer.Argument(help="id of the user", show_default=False)]
EXAMPLES = """
[bold]Examples[/]

interestream recommend ada

interestream recommend ada -k 3 --category book --category film --json

interestream recommend ada --filter '{"ranges": {"price": {"below": 20}}, "not_words": ["horror"]}'

interestream recommend ada --quota course=2 --quota article=1
"""


def add_commands(app: typer.Typer) -> None:
    """Add the commands to `interestream`."""
    app.command(rich_help_panel=PANEL, epilog=EXAMPLES)(recommend)
    app.command(rich_help_panel=PANEL)(recommend_topics)
    app.command(rich_help_panel=PANEL)(recommend_users)


@report_errors
def recommend(
    user: User,
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="how many items")] = 10,
    category: Annotated[
        list[str] | None, typer.Option(help="only items of this category; may be repeated")
    ] = None,
    conditions: Annotated[
        str | None,
        typer.Option(
            "--filter",
            metavar="JSON",
            help="what items must meet, by the names of item_filter() without p_",
        ),
    ] = None,
    quota: Annotated[
        list[str] | None,
        typer.Option(metavar="TYPE=N", help="so many items of this type; may be repeated"),
    ] = None,
    dsn: Dsn = "",
    space: Space = None,
    as_json: AsJson = False,
) -> None:
    """Show what a user should see next; an unknown user gets what is trending.

    With a key of pseudonyms in the environment the user is asked for by the pseudonym.
    """
    from interestream.item_filter import ItemFilter  # noqa: PLC0415

    chosen = None if conditions is None else read_filter(conditions)
    quotas = read_quotas(quota) if quota else None
    argument, values = filter_argument(chosen)
    query = sql.SQL(
        "SELECT * FROM interestream.recommend(%s, %s, %s, %s, p_filter => {}, p_quotas => %s)"
        " ORDER BY rank"
    ).format(argument)
    given: list[Any] = [known_as(user), k, category or None, space, *values]
    why = None
    with connect(require_dsn(dsn), autocommit=True) as db:
        rows = fetch_rows(db, query, [*given, None if quotas is None else Jsonb(quotas)])
        for one in (chosen, ItemFilter(categories=category) if category else None):
            if not rows and why is None and one is not None:
                why = why_none_passes(db, one)
    columns = {
        "rank": "",
        "title": "title",
        "score": "score",
        "reason": "because",
        "item_id": "item",
    }
    print_answer(rows, columns, as_json, why)


@report_errors
def recommend_topics(
    user: User,
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="how many topics")] = 5,
    dsn: Dsn = "",
    space: Space = None,
    as_json: AsJson = False,
) -> None:
    """Show topics near what a user likes that are new to the user."""
    with connect(require_dsn(dsn), autocommit=True) as db:
        rows = fetch_rows(
            db,
            "SELECT * FROM interestream.recommend_topics(%s, %s, %s) ORDER BY rank",
            (known_as(user), k, space),
        )
    columns = {
        "rank": "",
        "topic": "topic",
        "score": "score",
        "reason": "because",
        "titles": "popular in it",
    }
    print_answer(rows, columns, as_json)


@report_errors
def recommend_users(
    user: User,
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="how many users")] = 10,
    dsn: Dsn = "",
    space: Space = None,
    as_json: AsJson = False,
) -> None:
    """Show users of similar interest, without those who opted out, and what both share."""
    with connect(require_dsn(dsn), autocommit=True) as db:
        rows = fetch_rows(
            db,
            "SELECT * FROM interestream.recommend_users(%s, %s, %s) ORDER BY rank",
            (known_as(user), k, space),
        )
    columns = {
        "rank": "",
        "user_id": "user",
        "similarity": "cosine",
        "reason": "because",
        "shared_topics": "topics of both",
        "common_titles": "liked by both",
    }
    print_answer(rows, columns, as_json)
