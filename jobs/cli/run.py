"""Commands that process records: `demo`, `try` and `replay`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.cli.active_space import active_space
from jobs.cli.escape_controls import escape_controls
from jobs.cli.max_dead import MAX_DEAD, MaxDead, exit_by
from jobs.cli.options import (
    CHECK_FAILED,
    AsJson,
    BundleRegistry,
    ConfigFile,
    Dsn,
    Overrides,
    console,
    progress_console,
    report_errors,
    require_dsn,
)
from jobs.cli.output import print_dataset_notes, print_json, print_note
from jobs.errors import InterestreamError
from sql.connection import connect

if TYPE_CHECKING:
    from jobs.local.stack import BundleSource

PANEL = "Run"

Data = Annotated[Path, typer.Argument(help="folder of a data set", show_default=False)]
Mapping = Annotated[
    Path | None,
    typer.Option(help="TOML mapping for files of any form, or a name of `interestream map list`"),
]
Bundle = Annotated[
    str | None,
    typer.Option(
        help="folder of an encoder bundle, or NAME@VERSION of the registry (default: the packaged"
        " encoder, which reads English)",
        show_default=False,
    ),
]
SpeedUp = Annotated[
    float, typer.Option(min=0, help="times as fast as it happened; 0: as fast as possible")
]


def packaged_bundle(on_step: Callable[[str], None]) -> Path:
    """Return the folder of the packaged encoder's bundle, exporting it at its first use.

    `on_step` is called with a few words about each step of the export. Raises InterestreamError
    when the exporter is not installed.
    """
    from jobs.local.stack import HOME  # noqa: PLC0415

    try:
        # Lazy: the job image has no exporter, and no other module of `jobs` imports it.
        from model_export.ensure import ensure_bundle  # noqa: PLC0415
        from model_export.listener import STEP_TEXTS  # noqa: PLC0415
    except ImportError as error:
        raise InterestreamError(
            "the exporter, which makes the encoder bundle, is not installed:"
            " pip install 'interestream[job,export]'"
        ) from error
    return ensure_bundle(HOME / "bundles", lambda step: on_step(STEP_TEXTS[step]))


def bundle_source(bundle: str | None, registry: str) -> "BundleSource":
    """Return what gives the encoder's folder: that of `bundle`, or the packaged encoder's.

    `bundle` is a folder or NAME@VERSION of the registry. Raises the errors of
    `udfs.registry.registry.local_bundle` and `udfs.bundle.verify` at once, before anything starts.
    """
    from udfs.bundle import verify  # noqa: PLC0415
    from udfs.registry.registry import local_bundle  # noqa: PLC0415

    if bundle is None:
        return packaged_bundle
    folder = local_bundle(bundle, registry)
    verify(folder)
    return lambda on_step: folder


def add_commands(app: typer.Typer) -> None:
    """Add the commands to `interestream`."""
    app.command(rich_help_panel=PANEL)(demo)
    app.command("try", rich_help_panel=PANEL, epilog=TRY_EXAMPLES)(try_out)
    app.command(rich_help_panel=PANEL, epilog=REPLAY_EXAMPLES)(replay)


@report_errors
def demo(
    users: Annotated[int, typer.Option(min=50, help="simulated users")] = 2_000,
    events: Annotated[int, typer.Option(min=2_000, help="distinct valid events")] = 30_000,
    items: Annotated[int, typer.Option(min=300, help="items in the catalogue")] = 2_000,
    length_s: Annotated[
        float, typer.Option(min=10, help="length of the simulation in seconds")
    ] = 24.0,
    bundle: Bundle = None,
    registry: BundleRegistry = "",
) -> None:
    """Watch the job follow a simulated population, with nothing but this package."""
    from jobs.demo.demo import run_demo  # noqa: PLC0415

    passed = run_demo(
        console,
        bundle_source=bundle_source(bundle, registry),
        users=users,
        events=events,
        items=items,
        length_s=length_s,
    )
    if not passed:
        sys.exit(CHECK_FAILED)


TRY_EXAMPLES = """
[bold]Examples[/]

interestream try path/to/ml-latest-small

interestream try path/to/shop --mapping shop.toml --json

interestream try path/to/news --bundle e5@latest --registry bundles   [dim]# another encoder[/]
"""


@report_errors
def try_out(
    data: Data,
    mapping: Mapping = None,
    speed_up: SpeedUp = 0.0,
    bundle: Bundle = None,
    registry: BundleRegistry = "",
    max_dead: MaxDead = MAX_DEAD,
    as_json: AsJson = False,
) -> None:
    """Start everything embedded, replay a data set, and keep it running for your queries.

    Without a terminal it ends after the replay. --json prints what was accepted and what died, the
    connection string and the folder of the streams. The exit code is 1 when nothing was accepted,
    or more died than --max-dead.
    """
    from jobs.cli.try_out import try_data  # noqa: PLC0415
    from jobs.replay.tolerance import Tolerance  # noqa: PLC0415

    tolerance = Tolerance.of(max_dead)
    if bundle is None:
        print_note("the packaged encoder reads English; --bundle takes another one")
    outcome = try_data(
        progress_console(as_json),
        data,
        mapping,
        speed_up,
        bundle_source=bundle_source(bundle, registry),
        on_ready=print_json if as_json else None,
    )
    exit_by(tolerance.failure(outcome))


REPLAY_EXAMPLES = """
[bold]Examples[/]

interestream replay path/to/ml-latest-small --streams /data/streams

interestream replay path/to/ml-latest-small --config job.toml      [dim]# into the job's topics[/]

interestream replay path/to/shop --mapping shop.toml --speed-up 3600   [dim]# an hour per second[/]

interestream replay path/to/export --mapping ga4               [dim]# a mapping of the package[/]
"""


@report_errors
def replay(
    data: Data,
    dsn: Dsn = "",
    streams: Annotated[
        Path | None,
        typer.Option(
            help="the folder that the job watches (default: the job's sources.root, or its topics"
            " where sources.kind is kafka)"
        ),
    ] = None,
    config: ConfigFile = None,
    override: Overrides = None,
    mapping: Mapping = None,
    speed_up: SpeedUp = 0.0,
    overwrite_items: Annotated[
        bool,
        typer.Option("--overwrite-items", help="although the database has others of these ids"),
    ] = False,
    max_dead: MaxDead = MAX_DEAD,
    as_json: AsJson = False,
) -> None:
    """Replay a data set into a running job, and return when all of it is committed.

    The exit code is 1 when nothing was accepted, or more died than --max-dead.
    """
    from jobs.config import load_config  # noqa: PLC0415
    from jobs.datasets.detect import open_dataset  # noqa: PLC0415
    from jobs.datasets.feed import DirectoryFeed, Feed  # noqa: PLC0415
    from jobs.datasets.topic_feed import TopicFeed  # noqa: PLC0415
    from jobs.replay.other_catalogue import check_same_catalogue  # noqa: PLC0415
    from jobs.replay.progress_bars import replay_bars  # noqa: PLC0415
    from jobs.replay.replay import Replay  # noqa: PLC0415
    from jobs.replay.tolerance import Tolerance  # noqa: PLC0415

    tolerance = Tolerance.of(max_dead)
    sources = load_config(config, override or []).sources
    dataset = open_dataset(data, mapping)
    print_dataset_notes(dataset)
    with (
        connect(require_dsn(dsn), autocommit=True) as db,
        replay_bars(progress_console(as_json)) as progress,
    ):
        if not overwrite_items:
            check_same_catalogue(db, dataset)
        feed: Feed
        if streams is None and sources.kind == "kafka":
            feed = TopicFeed(sources.kafka, foreign=sources.formats.foreign)
        else:
            feed = DirectoryFeed(streams or sources.root, foreign=sources.formats.foreign)
        report = Replay(db, active_space(db), feed, on_progress=progress).run(dataset, speed_up)
    print_note(dataset.left_out())
    if as_json:
        print_json(report.as_dict(dataset.name))
    else:
        console.print(escape_controls(report.sentence(dataset.name)), highlight=False, markup=False)
    exit_by(tolerance.failure(report.outcome))
