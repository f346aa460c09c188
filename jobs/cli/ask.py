"""Commands that query the database: `status`, `trending` and `similar`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import psycopg
import typer

from jobs.cli.options import (
    AsJson,
    ConfigFile,
    Dsn,
    Overrides,
    Space,
    console,
    report_errors,
    require_dsn,
)
from jobs.cli.output import fetch_rows, print_answer, print_json, print_note, print_rows
from sql.connection import connect

if TYPE_CHECKING:
    from jobs.kafka_topics import KafkaTopics

PANEL = "Query"

ItemCount = Annotated[int, typer.Option("--k", "-k", min=1, help="how many items")]
_DEAD_LETTERS_BY_REASON = """
SELECT stream, reason, count(*) AS letters, max(committed_at) AS newest
FROM interestream.dead_letters WHERE space_id = interestream.chosen_space(%s)
GROUP BY stream, reason ORDER BY letters DESC, stream, reason
"""


def add_commands(app: typer.Typer) -> None:
    """Add the commands to `interestream`."""
    app.command(rich_help_panel=PANEL)(status)
    app.command(rich_help_panel=PANEL)(trending)
    app.command(rich_help_panel=PANEL)(similar)


@report_errors
def status(
    dsn: Dsn = "",
    space: Space = None,
    config: ConfigFile = None,
    override: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Show the counters of each stream, its lag, dead letters by reason, and the spaces.

    With the settings of a job that reads topics (--config) it shows what waits in them as well. It
    exits with 0 whatever it shows: `interestream health` is for monitoring systems.
    """
    from jobs.config import load_config  # noqa: PLC0415

    sources = load_config(config, override or []).sources
    with connect(require_dsn(dsn), autocommit=True) as db:
        spaces = fetch_rows(
            db,
            "SELECT space_id, bundle_name || '/' || bundle_version AS bundle, dim, active"
            " FROM interestream.spaces WHERE of_space IS NULL ORDER BY space_id",
        )
        streams = fetch_rows(
            db,
            "SELECT *, extract(epoch FROM clock_timestamp() - newest_commit)::float8 AS lag_s,"
            # Of an item that comes again with the same text only the row is written.
            " CASE WHEN stream = 'items' THEN records_in - applied - duplicates - dead_letters"
            " ELSE 0 END AS unchanged"
            " FROM interestream.job_status(%s)",
            (space,),
        )
        try:
            dead_letters = fetch_rows(db, _DEAD_LETTERS_BY_REASON, (space,))
        except psycopg.errors.InsufficientPrivilege:
            dead_letters = None
    topics = None
    if sources.kind == "kafka":
        chosen = space if space is not None else _active(spaces)
        topics = None if chosen is None else _topics(sources.kafka, chosen)
    if as_json:
        told = {} if sources.kind != "kafka" else {"topics": topics}
        print_json({"streams": streams, "dead_letters": dead_letters, "spaces": spaces, **told})
        return
    if streams:
        # A column for each stream: there are few, and a terminal of 80 characters shows them all.
        counters = [
            {"counter": heading, **{stream["stream"]: stream[key] for stream in streams}}
            for key, heading in COUNTERS.items()
        ]
        names = {stream["stream"]: stream["stream"] for stream in streams}
        title = "Records of each stream since the job's state was created"
        print_rows(counters, {"counter": "", **names}, title)
    if topics:
        print_rows(topics, TOPICS, "What waits in the topics, by the job's last checkpoint")
    if dead_letters is None:
        console.print("Dead letters: this role may not read them.")
    elif dead_letters:
        print_rows(
            dead_letters, {"stream": "stream", "reason": "reason", "letters": "dead letters"}
        )
    print_rows(
        spaces,
        {"space_id": "space", "bundle": "bundle", "dim": "dimension", "active": "active"},
    )
    if not streams:
        console.print("No job has committed anything to this space yet.")


def _active(spaces: list[dict[str, Any]]) -> int | None:
    return next((each["space_id"] for each in spaces if each["active"]), None)


def _topics(kafka: "KafkaTopics", space_id: int) -> list[dict[str, object]] | None:
    """What waits in the topics, and a note on each that is in danger; None where nobody can say."""
    from jobs.connectors.errors import ConnectorError  # noqa: PLC0415
    from jobs.health.judge_topics import judge_topics  # noqa: PLC0415
    from jobs.health.look_at_topics import TopicsOfJob  # noqa: PLC0415
    from jobs.health.verdict import State, Thresholds  # noqa: PLC0415

    try:
        found = TopicsOfJob(kafka, space_id).look()
    except ConnectorError as error:
        print_note(str(error))
        return None
    if found is None:
        print_note("the brokers were not asked: pip install 'interestream[kafka]'")
        return None
    for verdict in judge_topics(found, Thresholds()):
        if verdict.state is not State.OK:
            print_note(verdict.sentence)
    return [{"stream": stream, **each.as_dict()} for stream, each in found.items()]


TOPICS = {
    "topic": "topic",
    "unread": "not read",
    "waited_s": "oldest, s",
    "deleted_unread": "deleted unread",
    "retention_s": "retention, s",
}
COUNTERS = {
    "records_in": "read",
    "applied": "applied",
    "unchanged": "unchanged",
    "duplicates": "duplicates",
    "dead_letters": "dead letters",
    "excluded": "excluded",
    "waiting": "waiting",
    "lag_s": "seconds since the newest commit",
}


@report_errors
def trending(
    k: ItemCount = 10,
    category: Annotated[str | None, typer.Option(help="only items of this category")] = None,
    dsn: Dsn = "",
    as_json: AsJson = False,
) -> None:
    """Show which items are popular right now."""
    _print_query(
        dsn,
        "SELECT * FROM interestream.trending(%s, %s) ORDER BY rank",
        (k, category),
        {
            "rank": "",
            "title": "title",
            "score": "score",
            "interactions": "interactions",
            "item_id": "item",
        },
        as_json,
    )


@report_errors
def similar(
    item: Annotated[str, typer.Argument(help="id of the item", show_default=False)],
    k: ItemCount = 10,
    dsn: Dsn = "",
    space: Space = None,
    as_json: AsJson = False,
) -> None:
    """Show the items whose vectors are most similar to that of an item."""
    _print_query(
        dsn,
        "SELECT * FROM interestream.similar_items(%s, %s, %s) ORDER BY rank",
        (item, k, space),
        {"rank": "", "title": "title", "similarity": "cosine", "item_id": "item"},
        as_json,
    )


def _print_query(
    dsn: str, query: str, parameters: Sequence[Any], columns: dict[str, str], as_json: bool
) -> None:
    with connect(require_dsn(dsn), autocommit=True) as db:
        rows = fetch_rows(db, query, parameters)
    print_answer(rows, columns, as_json)
