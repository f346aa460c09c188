"""Commands for topics and sentiment."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import psycopg
import typer

from jobs.cli.active_space import active_space
from jobs.cli.escape_controls import escape_controls
from jobs.cli.options import AsJson, BundleRegistry, Dsn, Space, console, report_errors, required
from jobs.cli.output import print_json, print_rows, rows_of

if TYPE_CHECKING:
    from jobs.config import EncoderSettings

PANEL = "Look after it"

Bundle = Annotated[
    Path | None,
    typer.Option(
        help="the space's bundle: a folder, or NAME@VERSION or NAME@space of the registry"
        " (default: the job's default)"
    ),
]


def add_commands(app: typer.Typer) -> None:
    topics = typer.Typer(help="Named topics that users are held against.", no_args_is_help=True)
    topics.command("list")(topics_list)
    topics.command("set")(topics_set)
    topics.command("sync")(topics_sync)
    app.add_typer(topics, name="topics", rich_help_panel=PANEL)
    sentiment = typer.Typer(
        help="Sentences of known sentiment that said texts are held against.",
        no_args_is_help=True,
    )
    sentiment.command("sync")(sentiment_sync)
    sentiment.command("judge")(sentiment_judge)
    app.add_typer(sentiment, name="sentiment", rich_help_panel=PANEL)


@report_errors
def topics_list(dsn: Dsn = "", space_id: Space = None, as_json: AsJson = False) -> None:
    """Show the topics and whether the space has their vectors."""
    with psycopg.connect(required(dsn)) as db:
        rows = rows_of(
            db,
            "SELECT t.topic, t.texts, v.topic IS NOT NULL AS encoded"
            " FROM interestream.topics AS t"
            " LEFT JOIN interestream.topic_vectors AS v ON v.topic = t.topic AND v.space_id = %s"
            " ORDER BY t.topic",
            (space_id or active_space(db),),
        )
    if as_json:
        print_json(rows)
    else:
        print_rows(rows, {"topic": "topic", "texts": "texts", "encoded": "encoded"})


@report_errors
def topics_set(
    topic: Annotated[str, typer.Argument(help="name of a new or known topic")],
    texts: Annotated[list[str], typer.Argument(help="phrases that say what it is about")],
    dsn: Dsn = "",
    bundle: Bundle = None,
    registry: BundleRegistry = "",
    space_id: Space = None,
) -> None:
    """Say what a topic is about, and encode it."""
    with psycopg.connect(required(dsn)) as db:
        db.execute(
            "INSERT INTO interestream.topics (topic, texts) VALUES (%s, %s)"
            " ON CONFLICT (topic) DO UPDATE SET texts = excluded.texts",
            (topic, texts),
        )
    _sync_texts(dsn, _encoder(bundle, registry), space_id)


@report_errors
def topics_sync(
    dsn: Dsn = "",
    bundle: Bundle = None,
    registry: BundleRegistry = "",
    space_id: Space = None,
) -> None:
    """Encode the topics whose texts are new or changed."""
    _sync_texts(dsn, _encoder(bundle, registry), space_id)


@report_errors
def sentiment_sync(
    dsn: Dsn = "",
    bundle: Bundle = None,
    registry: BundleRegistry = "",
    space_id: Space = None,
) -> None:
    """Encode the sentences that are new or changed; a running job takes them at its next start."""
    _sync_texts(dsn, _encoder(bundle, registry), space_id)


@report_errors
def sentiment_judge(
    texts: Annotated[list[str], typer.Argument(help="texts as users would say them")],
    dsn: Dsn = "",
    bundle: Bundle = None,
    registry: BundleRegistry = "",
    space_id: Space = None,
    as_json: AsJson = False,
) -> None:
    """Show how much texts like, from -1 to 1, as a job with default settings would judge them."""
    from jobs.config import SentimentSettings  # noqa: PLC0415
    from jobs.texts.sentiment import Sentiment  # noqa: PLC0415
    from jobs.texts.space_encoder import SpaceEncoder  # noqa: PLC0415

    with psycopg.connect(required(dsn)) as db:
        chosen = space_id or active_space(db)
        vectors = SpaceEncoder.configured(db, chosen, _encoder(bundle, registry)).encode(texts)
        strength = Sentiment.load(db, chosen, SentimentSettings()).strength(vectors)
    judged = list(zip(texts, strength.tolist(), strict=True))
    if as_json:
        print_json([{"text": text, "strength": value} for text, value in judged])
        return
    for text, value in judged:
        console.print(f"{value:+.2f}  {escape_controls(text)}", markup=False, highlight=False)


def _sync_texts(dsn: str, settings: "EncoderSettings", space_id: int | None) -> None:
    from jobs.texts.space_encoder import SpaceEncoder  # noqa: PLC0415
    from jobs.texts.sync import sync_texts  # noqa: PLC0415

    with psycopg.connect(required(dsn)) as db, console.status("Encoding what is new"):
        chosen = space_id or active_space(db)
        synced = sync_texts(db, SpaceEncoder.configured(db, chosen, settings))
    console.print(
        f"space {chosen}: {synced.sentences} sentences and {len(synced.topics)} topics encoded"
        + "".join(f"\n  {escape_controls(topic)}" for topic in synced.topics),
        markup=False,
        highlight=False,
    )


def _encoder(bundle: Path | None, registry: str) -> "EncoderSettings":
    from jobs.config import EncoderSettings  # noqa: PLC0415

    settings = EncoderSettings(registry=registry)
    return settings if bundle is None else settings.model_copy(update={"bundle": bundle})
