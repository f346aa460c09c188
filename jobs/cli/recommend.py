"""Commands that recommend: items, topics and people."""

from dataclasses import replace
from typing import Annotated, Any

import psycopg
import typer

from interestream import queries
from interestream.item_filter import ItemFilter
from jobs.cli.options import AsJson, Dsn, Space, report_errors, require_dsn
from jobs.cli.output import fetch_rows, print_answer
from jobs.cli.pseudonym import known_as
from jobs.errors import ConfigError
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
    # Pydantic takes a tenth of a second, which no other command of these needs.
    from jobs.cli.item_conditions import read_filter, read_quotas  # noqa: PLC0415

    where = read_filter(conditions) if conditions is not None else ItemFilter()
    if category:
        if where.categories is not None:
            raise ConfigError("categories stand in --filter and in --category: use one of them")
        where = replace(where, categories=category)
    quotas = read_quotas(quota or [])
    why = None
    with connect(require_dsn(dsn), autocommit=True) as db:
        rows = _rows(
            db, queries.recommend(known_as(user), k, where=where, quotas=quotas, space=space)
        )
        if not rows:
            (told,) = _rows(db, queries.no_item_passes(where))
            why = told["no_item_passes"]
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
    columns = {
        "rank": "",
        "topic": "topic",
        "score": "score",
        "reason": "because",
        "titles": "popular in it",
    }
    _print(dsn, queries.recommend_topics(known_as(user), k, space=space), columns, as_json)


@report_errors
def recommend_users(
    user: User,
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="how many users")] = 10,
    dsn: Dsn = "",
    space: Space = None,
    as_json: AsJson = False,
) -> None:
    """Show users of similar interest, without those who opted out, and what both share."""
    columns = {
        "rank": "",
        "user_id": "user",
        "similarity": "cosine",
        "reason": "because",
        "shared_topics": "topics of both",
        "common_titles": "liked by both",
    }
    _print(dsn, queries.recommend_users(known_as(user), k, space=space), columns, as_json)


def _print(dsn: str, query: queries.Query[Any], columns: dict[str, str], as_json: bool) -> None:
    with connect(require_dsn(dsn), autocommit=True) as db:
        rows = _rows(db, query)
    print_answer(rows, columns, as_json)


def _rows(db: psycopg.Connection, query: queries.Query[Any]) -> list[dict[str, Any]]:
    return fetch_rows(db, query.statement, query.parameters)
