"""``interestream``: everything that a person starts by hand."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from jobs.command_line import BundleRegistry, Dsn, console, friendly, required
from jobs.errors import InterestreamError
from jobs.space_change.commands import add_commands

if TYPE_CHECKING:
    from jobs.config import EncoderSettings

app = typer.Typer(
    help="Real-time interest for recommender systems.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
space = typer.Typer(
    help="Embedding spaces: a bundle and the mean of a catalogue.", no_args_is_help=True
)
app.add_typer(space, name="space")
add_commands(space)
topics = typer.Typer(help="Named topics that users are held against.", no_args_is_help=True)
app.add_typer(topics, name="topics")
sentiment = typer.Typer(
    help="Sentences of known sentiment that said texts are held against.", no_args_is_help=True
)
app.add_typer(sentiment, name="sentiment")

Bundle = Annotated[
    Path | None,
    typer.Option(
        help="the space's bundle: a folder, or NAME@VERSION or NAME@space of the registry"
        " (default: the job's default)"
    ),
]
Space = Annotated[int | None, typer.Option(help="embedding space (default: the active one)")]


@app.command()
@friendly
def demo(
    users: Annotated[int, typer.Option(min=50, help="simulated people")] = 2_000,
    events: Annotated[int, typer.Option(min=2_000, help="distinct good events")] = 30_000,
    items: Annotated[int, typer.Option(min=300, help="items in the catalogue")] = 2_000,
    length_s: Annotated[float, typer.Option(min=10, help="length of the story in seconds")] = 24.0,
) -> None:
    """Watch the job follow a simulated population, with nothing but this package."""
    from jobs.demo.demo import run_demo  # noqa: PLC0415

    if not run_demo(console, users=users, events=events, items=items, length_s=length_s):
        sys.exit(1)


@app.command()
@friendly
def replay(
    data: Annotated[Path, typer.Argument(help="folder of a data set")],
    dsn: Dsn = "",
    streams: Annotated[Path, typer.Option(help="the folder that the job watches")] = Path(
        ".interestream/streams"
    ),
    mapping: Annotated[
        Path | None, typer.Option(help="TOML column mapping, for generic CSV and NDJSON")
    ] = None,
    speed_up: Annotated[
        float, typer.Option(min=0, help="times as fast as it happened; 0: as fast as it goes")
    ] = 0.0,
) -> None:
    """Replay a data set into a running job; returns when all of it is committed."""
    import psycopg  # noqa: PLC0415

    from jobs.datasets.detect import open_dataset  # noqa: PLC0415
    from jobs.datasets.feed import DirectoryFeed  # noqa: PLC0415
    from jobs.replay import Replay  # noqa: PLC0415
    from jobs.replay_bars import replay_bars  # noqa: PLC0415

    dataset = open_dataset(data, mapping)
    with psycopg.connect(required(dsn), autocommit=True) as db, replay_bars(console) as progress:
        feed = DirectoryFeed(streams)
        report = Replay(db, _active_space(db), feed, on_progress=progress).run(dataset, speed_up)
    console.print(report.sentence(dataset.name), highlight=False)


@app.command("try")
@friendly
def try_out(
    data: Annotated[Path, typer.Argument(help="folder of a data set")],
    mapping: Annotated[Path | None, typer.Option(help="TOML column mapping")] = None,
    speed_up: Annotated[float, typer.Option(min=0, help="as for replay")] = 0.0,
) -> None:
    """Start everything embedded, replay a data set, and keep it up to be asked."""
    from jobs.try_out import try_data  # noqa: PLC0415

    try_data(console, data, mapping, speed_up)


@app.command("config")
@friendly
def show_config(
    markdown: Annotated[bool, typer.Option(help="as a Markdown table")] = False,
) -> None:
    """List every configuration key with its default and meaning."""
    from jobs.config_table import config_rows  # noqa: PLC0415

    if markdown:
        print("| key | default | meaning |\n|---|---|---|")
        for key, default, meaning in config_rows():
            print(f"| `{key}` | `{default}` | {meaning} |")
        return
    table = Table("key", "default", "meaning")
    for row in config_rows():
        table.add_row(*row)
    console.print(table)


@app.command("apply")
@friendly
def apply_schema(dsn: Dsn = "") -> None:
    """Bring the database's schema and functions up to date."""
    from sql.apply import apply  # noqa: PLC0415

    for line in apply(required(dsn)).lines():
        console.print(line, markup=False, highlight=False)


@space.command("create")
@friendly
def space_create(
    bundle: Annotated[
        str, typer.Argument(help="folder of an encoder bundle, or NAME@VERSION of the registry")
    ],
    data: Annotated[Path, typer.Argument(help="data set whose items give the mean")],
    dsn: Dsn = "",
    registry: BundleRegistry = "",
    mapping: Annotated[Path | None, typer.Option(help="TOML column mapping")] = None,
    sample: Annotated[int, typer.Option(min=1, help="items to encode for the mean")] = 1000,
    index: Annotated[
        bool, typer.Option(help="build the vector index now; replay does it after loading")
    ] = True,
) -> None:
    """Make a space; the first one becomes the active one."""
    from jobs.datasets.detect import open_dataset  # noqa: PLC0415
    from jobs.spaces import build_space, documents  # noqa: PLC0415
    from udfs.registry.registry import local_bundle  # noqa: PLC0415

    folder = local_bundle(bundle, registry)
    dataset = open_dataset(data, mapping)
    catalogue = documents(dataset.items())
    space_id = build_space(required(dsn), folder, catalogue, sample=sample, index=index)
    console.print(f"space {space_id}", highlight=False)


@space.command("list")
@friendly
def space_list(dsn: Dsn = "") -> None:
    """Show the spaces."""
    import psycopg  # noqa: PLC0415

    table = Table("space", "bundle", "version", "dimension", "active", "created")
    with psycopg.connect(required(dsn)) as db:
        for row in db.execute(
            "SELECT space_id, bundle_name, bundle_version, dim, active, created_at"
            " FROM interestream.spaces ORDER BY space_id"
        ):
            table.add_row(*(str(value) for value in row))
    console.print(table)


@space.command("activate")
@friendly
def space_activate(space_id: int, dsn: Dsn = "") -> None:
    """Make a space the active one."""
    import psycopg  # noqa: PLC0415

    with psycopg.connect(required(dsn)) as db:
        db.execute("SELECT interestream.activate_space(%s)", (space_id,))


@topics.command("list")
@friendly
def topics_list(dsn: Dsn = "", space_id: Space = None) -> None:
    """Show the topics and whether the space has their vectors."""
    import psycopg  # noqa: PLC0415

    table = Table("topic", "texts", "encoded")
    with psycopg.connect(required(dsn)) as db:
        for topic, texts, encoded in db.execute(
            "SELECT t.topic, t.texts, v.topic IS NOT NULL FROM interestream.topics AS t"
            " LEFT JOIN interestream.topic_vectors AS v ON v.topic = t.topic AND v.space_id = %s"
            " ORDER BY t.topic",
            (space_id or _active_space(db),),
        ):
            table.add_row(topic, "; ".join(texts), "yes" if encoded else "no")
    console.print(table)


@topics.command("set")
@friendly
def topics_set(
    topic: Annotated[str, typer.Argument(help="name of a new or known topic")],
    texts: Annotated[list[str], typer.Argument(help="phrases that say what it is about")],
    dsn: Dsn = "",
    bundle: Bundle = None,
    registry: BundleRegistry = "",
    space_id: Space = None,
) -> None:
    """Say what a topic is about, and encode it."""
    import psycopg  # noqa: PLC0415

    with psycopg.connect(required(dsn)) as db:
        db.execute(
            "INSERT INTO interestream.topics (topic, texts) VALUES (%s, %s)"
            " ON CONFLICT (topic) DO UPDATE SET texts = excluded.texts",
            (topic, texts),
        )
    _sync_texts(dsn, _encoder(bundle, registry), space_id)


@topics.command("sync")
@friendly
def topics_sync(
    dsn: Dsn = "",
    bundle: Bundle = None,
    registry: BundleRegistry = "",
    space_id: Space = None,
) -> None:
    """Encode the topics whose texts are new or changed."""
    _sync_texts(dsn, _encoder(bundle, registry), space_id)


@sentiment.command("sync")
@friendly
def sentiment_sync(
    dsn: Dsn = "",
    bundle: Bundle = None,
    registry: BundleRegistry = "",
    space_id: Space = None,
) -> None:
    """Encode the sentences that are new or changed; a running job takes them at its next start."""
    _sync_texts(dsn, _encoder(bundle, registry), space_id)


@sentiment.command("judge")
@friendly
def sentiment_judge(
    texts: Annotated[list[str], typer.Argument(help="texts as users would say them")],
    dsn: Dsn = "",
    bundle: Bundle = None,
    registry: BundleRegistry = "",
    space_id: Space = None,
) -> None:
    """Show how much texts like, from -1 to 1, as a job with default settings would judge them."""
    import psycopg  # noqa: PLC0415

    from jobs.config import SentimentSettings  # noqa: PLC0415
    from jobs.texts.sentiment import Sentiment  # noqa: PLC0415
    from jobs.texts.space_encoder import SpaceEncoder  # noqa: PLC0415

    with psycopg.connect(required(dsn)) as db:
        chosen = space_id or _active_space(db)
        vectors = SpaceEncoder.configured(db, chosen, _encoder(bundle, registry)).encode(texts)
        strength = Sentiment.load(db, chosen, SentimentSettings()).strength(vectors)
    for text, value in zip(texts, strength.tolist(), strict=True):
        console.print(f"{value:+.2f}  {text}", markup=False, highlight=False)


def _sync_texts(dsn: str, settings: "EncoderSettings", space_id: int | None) -> None:
    import psycopg  # noqa: PLC0415

    from jobs.texts.space_encoder import SpaceEncoder  # noqa: PLC0415
    from jobs.texts.sync import sync_texts  # noqa: PLC0415

    with psycopg.connect(required(dsn)) as db, console.status("Encoding what is new"):
        chosen = space_id or _active_space(db)
        synced = sync_texts(db, SpaceEncoder.configured(db, chosen, settings))
    console.print(
        f"space {chosen}: {synced.sentences} sentences and {len(synced.topics)} topics encoded"
        + "".join(f"\n  {topic}" for topic in synced.topics),
        markup=False,
        highlight=False,
    )


def _encoder(bundle: Path | None, registry: str) -> "EncoderSettings":
    from jobs.config import EncoderSettings  # noqa: PLC0415

    settings = EncoderSettings(registry=registry)
    return settings if bundle is None else settings.model_copy(update={"bundle": bundle})


def _active_space(db: object) -> int:
    import psycopg  # noqa: PLC0415

    assert isinstance(db, psycopg.Connection)
    row = db.execute("SELECT space_id FROM interestream.spaces WHERE active").fetchone()
    if row is None:
        raise InterestreamError(
            "there is no active space: make one with `interestream space create`"
        )
    return int(row[0])


if __name__ == "__main__":
    app()
