"""`interestream topics` and `interestream sentiment`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import psycopg
import typer

from jobs.cli.active_space import active_space
from jobs.cli.escape_controls import escape_controls
from jobs.cli.options import AsJson, BundleRegistry, Dsn, Space, console, report_errors, require_dsn
from jobs.cli.output import fetch_rows, print_json, print_rows
from jobs.errors import InterestreamError
from sql.connection import connect
from udfs.errors import UdfError

if TYPE_CHECKING:
    from jobs.config import EncoderSettings

PANEL = "Maintain"

Bundle = Annotated[
    Path | None,
    typer.Option(
        help="the space's bundle: a folder, or NAME@VERSION or NAME@space of the registry"
        " (default: the job's default if it is the space's, or else the space's of the registry)"
    ),
]


def add_commands(app: typer.Typer) -> None:
    """Add `topics`, `sentiment` and their subcommands to `interestream`."""
    topics = typer.Typer(help="Named topics that users are compared with.", no_args_is_help=True)
    topics.command("list")(topics_list)
    topics.command("set")(topics_set)
    topics.command("sync")(sync)
    app.add_typer(topics, name="topics", rich_help_panel=PANEL)
    sentiment = typer.Typer(
        help="Sentences of known sentiment that comments are compared with.",
        no_args_is_help=True,
    )
    sentiment.command("sync")(sync)
    sentiment.command("judge")(sentiment_judge)
    app.add_typer(sentiment, name="sentiment", rich_help_panel=PANEL)


@report_errors
def topics_list(dsn: Dsn = "", space_id: Space = None, as_json: AsJson = False) -> None:
    """List the topics, what they are encoded from in the space, and whether they are."""
    from jobs.texts.packaged_topics import phrases_in  # noqa: PLC0415

    with connect(require_dsn(dsn)) as db:
        rows = fetch_rows(
            db,
            "SELECT t.topic, t.texts, v.topic IS NOT NULL AS encoded, v.languages"
            " FROM interestream.topics AS t"
            " LEFT JOIN interestream.topic_vectors AS v ON v.topic = t.topic AND v.space_id = %s"
            " ORDER BY t.topic",
            (space_id or active_space(db),),
        )
    for row in rows:
        row["texts"] = phrases_in(row["texts"], row.pop("languages") or [])
    if as_json:
        print_json(rows)
    else:
        print_rows(rows, {"topic": "topic", "texts": "texts", "encoded": "encoded"})


@report_errors
def topics_set(
    topic: Annotated[str, typer.Argument(help="name of a new or known topic")],
    texts: Annotated[list[str], typer.Argument(help="phrases that describe it")],
    dsn: Dsn = "",
    bundle: Bundle = None,
    registry: BundleRegistry = "",
    space_id: Space = None,
) -> None:
    """Set the phrases that describe a topic, and encode what is new: both, or nothing."""
    # One transaction, so that a topic that cannot be encoded is not left in the table.
    with connect(require_dsn(dsn)) as db:
        db.execute(
            "INSERT INTO interestream.topics (topic, texts) VALUES (%s, %s)"
            " ON CONFLICT (topic) DO UPDATE SET texts = excluded.texts",
            (topic, texts),
        )
        try:
            _sync_texts(db, bundle, registry, space_id)
        except (InterestreamError, UdfError) as error:
            raise InterestreamError(f"{error}. The topic was not changed") from error


@report_errors
def sync(
    dsn: Dsn = "",
    bundle: Bundle = None,
    registry: BundleRegistry = "",
    space_id: Space = None,
) -> None:
    """Encode the topics and the sentences of known sentiment that are new or changed.

    Queries use new topics at once. A running job uses new sentences after its next start.
    """
    with connect(require_dsn(dsn)) as db:
        _sync_texts(db, bundle, registry, space_id)


@report_errors
def sentiment_judge(
    texts: Annotated[list[str], typer.Argument(help="comments to judge")],
    dsn: Dsn = "",
    bundle: Bundle = None,
    registry: BundleRegistry = "",
    space_id: Space = None,
    as_json: AsJson = False,
) -> None:
    """Show the sentiment of comments, from -1 to 1, as a job with default settings judges them."""
    from jobs.config import SentimentSettings  # noqa: PLC0415
    from jobs.texts.sentiment import Sentiment  # noqa: PLC0415
    from jobs.texts.space_encoder import SpaceEncoder  # noqa: PLC0415

    with connect(require_dsn(dsn)) as db:
        used_space = space_id or active_space(db)
        settings = _encoder(db, used_space, bundle, registry)
        vectors = SpaceEncoder.configured(db, used_space, settings).encode(texts)
        strengths = Sentiment.load(db, used_space, SentimentSettings()).strength(vectors)
    results = list(zip(texts, strengths.tolist(), strict=True))
    if as_json:
        print_json([{"text": text, "strength": value} for text, value in results])
        return
    for text, value in results:
        console.print(f"{value:+.2f}  {escape_controls(text)}", markup=False, highlight=False)


def _sync_texts(
    db: psycopg.Connection, bundle: Path | None, registry: str, space_id: int | None
) -> None:
    from jobs.texts.space_encoder import SpaceEncoder  # noqa: PLC0415
    from jobs.texts.sync import sync_texts  # noqa: PLC0415

    with console.status("Encoding new and changed texts"):
        used_space = space_id or active_space(db)
        settings = _encoder(db, used_space, bundle, registry)
        synced = sync_texts(db, SpaceEncoder.configured(db, used_space, settings))
        db.commit()
    console.print(
        f"space {used_space}: {synced.sentences} sentences and {len(synced.topics)} topics encoded"
        + "".join(f"\n  {escape_controls(topic)}" for topic in synced.topics),
        markup=False,
        highlight=False,
    )


def _encoder(
    db: psycopg.Connection, space_id: int, bundle: Path | None, registry: str
) -> "EncoderSettings":
    """The encoder that is named, or else the one that a space was built with.

    Raises InterestreamError where it cannot be told where that one is.
    """
    from jobs.bundles.find import SPACE_VERSION  # noqa: PLC0415
    from jobs.config import EncoderSettings  # noqa: PLC0415

    settings = EncoderSettings(registry=registry)
    if bundle is not None:
        return settings.model_copy(update={"bundle": bundle})
    row = db.execute(
        "SELECT bundle_name, bundle_sha256 FROM interestream.spaces WHERE space_id = %s",
        (space_id,),
    ).fetchone()
    # Of a space that there is not the encoder says so itself.
    if row is None or _sha256(settings.bundle) == row[1]:
        return settings
    of_space = f"{row[0]}@{SPACE_VERSION}"
    if not registry:
        raise InterestreamError(
            f"space {space_id} was built with the bundle {row[0]}, and neither --bundle nor a"
            f" registry says where it is: give --bundle FOLDER, or set INTERESTREAM_REGISTRY to"
            f" the registry that has {of_space}"
        )
    return settings.model_copy(update={"bundle": Path(of_space)})


def _sha256(folder: Path) -> str | None:
    """The identity of the bundle in a folder, if there is one."""
    from udfs.bundle import read_manifest  # noqa: PLC0415
    from udfs.errors import BundleNotFoundError  # noqa: PLC0415

    try:
        return read_manifest(folder).bundle_sha256
    except BundleNotFoundError:
        return None
