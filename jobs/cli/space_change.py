"""`interestream space change`, `back`, `status` and `retire`."""

import contextlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from jobs.cli.escape_controls import escape_controls
from jobs.cli.options import BundleRegistry, Dsn, console, report_errors, required
from jobs.errors import InterestreamError

if TYPE_CHECKING:
    import psycopg

    from jobs.spaces.change.change import Demands
    from jobs.spaces.change.screen import Screen

WRITES_S = 60
"""A job that wrote within so many seconds counts as running."""

SILENT_S = 15
"""A job that is behind and has not written for so many seconds may not run."""

START_S = 600.0

AsJson = Annotated[bool, typer.Option("--json", help="a JSON object a line")]

_STATUS = """
SELECT s.space_id, s.bundle_name, s.bundle_version, s.dim,
       CASE WHEN s.active THEN 'active'
            WHEN s.space_id = interestream.previous_space() THEN 'previous' ELSE '' END AS state,
       c.records - c.records_behind AS records, c.records_behind, c.items_covered, c.items,
       c.users_covered, c.users,
       w.written_at,
       extract(epoch FROM clock_timestamp() - w.written_at)::double precision AS written_ago_s
FROM interestream.spaces AS s
CROSS JOIN LATERAL interestream.space_coverage(s.space_id) AS c
CROSS JOIN LATERAL (
    SELECT max(p.committed_at) AS written_at FROM interestream.job_progress AS p
    WHERE p.space_id = s.space_id
) AS w
ORDER BY s.space_id
"""

_BACK = """
SELECT s.space_id, format('%s %s', s.bundle_name, s.bundle_version), s.dim,
       extract(epoch FROM clock_timestamp() - max(p.committed_at))::double precision
FROM interestream.spaces AS s
LEFT JOIN interestream.job_progress AS p ON p.space_id = s.space_id
WHERE s.space_id = interestream.previous_space()
GROUP BY s.space_id
"""


def add_commands(space: typer.Typer) -> None:
    """Add the commands to `interestream space`."""
    for name, command in (
        ("change", change),
        ("back", back),
        ("status", status),
        ("retire", retire),
    ):
        space.command(name)(report_errors(command))


def change(
    bundle: Annotated[
        str, typer.Option(help="folder of an encoder bundle, or NAME@VERSION of the registry")
    ],
    dsn: Dsn = "",
    registry: BundleRegistry = "",
    data: Annotated[
        Path | None, typer.Option(help="data set for the mean (default: the items table)")
    ] = None,
    sample: Annotated[int, typer.Option(min=1, help="items to encode for the mean")] = 1000,
    fresh: Annotated[
        bool, typer.Option(help="a new space even if the bundle has one that is not active")
    ] = False,
    run: Annotated[
        bool, typer.Option("--run", help="run the space's job here instead of on a cluster")
    ] = False,
    config: Annotated[Path | None, typer.Option(help="the job's TOML file")] = None,
    override: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="SECTION.KEY=VALUE", help="for the job; as it has them"),
    ] = None,
    work: Annotated[
        Path | None, typer.Option(help="log and checkpoints of --run (.interestream/space-N)")
    ] = None,
    items: Annotated[
        float, typer.Option(min=0, max=1, help="share of items that must have a vector")
    ] = 0.999,
    users: Annotated[
        float, typer.Option(min=0, max=1, help="share of users that must have a vector")
    ] = 0.99,
    overlap: Annotated[
        float, typer.Option(min=0, max=1, help="least overlap@10 of recommend()")
    ] = 0.0,
    overlap_users: Annotated[int, typer.Option(min=1, help="users to take it over")] = 200,
    behind_s: Annotated[
        float, typer.Option(min=0, help="seconds behind the active job that are caught up")
    ] = 5.0,
    missing_records: Annotated[
        int, typer.Option(min=0, help="records that the sources no longer hold")
    ] = 0,
    patience_s: Annotated[
        float, typer.Option(min=0, help="wait for coverage that stands still")
    ] = 120.0,
    switch: Annotated[bool, typer.Option(help="make it the active space")] = True,
    as_json: AsJson = False,
) -> None:
    """Build the space of a bundle beside the active one, and switch when it has caught up."""
    import psycopg  # noqa: PLC0415

    from jobs.spaces.change.change import Demands  # noqa: PLC0415
    from jobs.spaces.change.job import flink_run_line, local_job  # noqa: PLC0415
    from jobs.spaces.change.screen import screen  # noqa: PLC0415
    from udfs.registry.registry import local_bundle  # noqa: PLC0415

    demands = Demands(items, users, behind_s, missing_records, overlap, overlap_users, patience_s)
    folder = local_bundle(bundle, registry)
    given = override or []
    with (
        psycopg.connect(required(dsn), autocommit=True) as db,
        contextlib.ExitStack() as running,
    ):
        with screen(console, as_json=as_json) as shown:
            space_id = _space(db, dsn, folder, data, shown, sample=sample, fresh=fresh)
            check: Callable[[], None] = lambda: None  # noqa: E731
            if run:
                place = work or Path(".interestream") / f"space-{space_id}"
                job = local_job(dsn, space_id, folder, config, given, place)
                shown.say("job", f"starting the job of space {space_id} here", space_id=space_id)
                running.enter_context(job)
                # Beside another job, on a machine that may be busy with that one.
                job.wait_running(timeout_s=START_S)
                check = job.check
            else:
                line = flink_run_line(space_id, bundle, registry, config, given)
                shown.say("job", f"waiting for the job; start it with\n  {line}", command=line)
            passed = _switch(db, space_id, demands, shown, check, switch=switch)
        if not passed:
            sys.exit(1)
        if run:
            if not as_json:
                _say(f"the job of space {space_id} runs here; Ctrl-C ends it")
            while True:
                check()
                time.sleep(1)


def _space(
    db: "psycopg.Connection",
    dsn: str,
    folder: Path,
    data: Path | None,
    shown: "Screen",
    *,
    sample: int,
    fresh: bool,
) -> int:
    import psycopg  # noqa: PLC0415

    from jobs.datasets.detect import open_dataset  # noqa: PLC0415
    from jobs.spaces.build import build_space, documents  # noqa: PLC0415
    from jobs.spaces.change.change import (  # noqa: PLC0415
        active_space,
        space_of_bundle,
        stored_documents,
    )
    from udfs.bundle import verify  # noqa: PLC0415

    active, active_sha256 = active_space(db)
    manifest = verify(folder)
    sha256 = manifest.bundle_sha256
    if not fresh:
        if sha256 == active_sha256:
            raise InterestreamError(
                f"space {active}, the active one, is of this bundle: --fresh makes another with"
                " the mean of today's catalogue"
            )
        found = space_of_bundle(db, sha256)
        if found is not None:
            shown.say("space", f"space {found} is of this bundle", space_id=found)
            return found
    shown.say("mean", "encoding a sample of the catalogue, sentences and topics")
    if data is not None:
        catalogue = documents(open_dataset(data).items())
        space_id = build_space(dsn, folder, catalogue, sample=sample, index=False)
    else:
        with psycopg.connect(dsn) as reading:
            catalogue = stored_documents(reading)
            space_id = build_space(dsn, folder, catalogue, sample=sample, index=False)
    shown.say(
        "space",
        f"space {space_id} beside space {active}: {manifest.name} {manifest.version},"
        f" {manifest.dim} dimensions",
        space_id=space_id,
    )
    return space_id


def _switch(
    db: "psycopg.Connection",
    space_id: int,
    demands: "Demands",
    shown: "Screen",
    check: Callable[[], None],
    *,
    switch: bool,
) -> bool:
    from jobs.spaces.change.change import (  # noqa: PLC0415
        active_space,
        check_space,
        wait_caught_up,
    )

    def show(coverage: object) -> None:
        shown.coverage(space_id, coverage)  # type: ignore[arg-type]

    wait_caught_up(db, space_id, demands, on_coverage=show, check=check)
    shown.say("index", "caught up; building the vector index")
    db.execute("SELECT interestream.index_space(%s)", (space_id,))
    # Meanwhile the job could write no vectors.
    wait_caught_up(db, space_id, demands, on_coverage=show, check=check)
    checked = check_space(db, space_id, demands)
    shown.checked(space_id, checked)
    if checked.refused:
        shown.say("refused", f"space {space_id} is not active: the check did not pass")
        return False
    if not switch:
        shown.say("ready", f"space {space_id} is ready: `interestream space activate {space_id}`")
        return True
    former = active_space(db)[0]
    db.execute("SELECT interestream.activate_space(%s)", (space_id,))
    shown.say(
        "active",
        f"space {space_id} is active. `interestream space back` goes back: let the job of space"
        f" {former} run until you are sure, and start it with --space={former} from now on",
        space_id=space_id,
        former=former,
    )
    return True


def back(dsn: Dsn = "") -> None:
    """Make the space active that was it before."""
    import psycopg  # noqa: PLC0415

    from jobs.spaces.change.coverage import read_coverage  # noqa: PLC0415

    with psycopg.connect(required(dsn), autocommit=True) as db:
        row = db.execute(_BACK).fetchone()
        if row is None:
            raise InterestreamError("no other space was active before: see `space status`")
        space_id, bundle, dim, written_ago_s = row
        coverage = read_coverage(db, space_id)
        db.execute("SELECT interestream.activate_space(%s)", (space_id,))
    _say(f"space {space_id} is active: {bundle}, {dim} dimensions")
    if coverage.records_behind:
        behind = f"{coverage.records_behind:,} records behind"
        _say(f"its job was {behind}, and last wrote {_ago(written_ago_s)}")
        if written_ago_s is None or written_ago_s > SILENT_S:
            _say("does it run? Answers are as old as that")


def status(dsn: Dsn = "", as_json: AsJson = False) -> None:
    """Show every space held against the active one."""
    import psycopg  # noqa: PLC0415

    from jobs.cli.output import print_rows, rows_of  # noqa: PLC0415
    from jobs.spaces.change.change import active_space  # noqa: PLC0415

    with psycopg.connect(required(dsn), autocommit=True) as db:
        active_space(db)
        rows = rows_of(db, _STATUS)
    if as_json:
        for row in rows:
            print(orjson.dumps(row).decode())
        return
    print_rows(
        [
            {
                **row,
                "bundle": f"{row['bundle_name']} {row['bundle_version']}",
                "with_items": f"{row['items_covered']:,} of {row['items']:,}",
                "with_users": f"{row['users_covered']:,} of {row['users']:,}",
                "written": _ago(row["written_ago_s"]),
            }
            for row in rows
        ],
        {
            "space_id": "space",
            "bundle": "bundle",
            "dim": "dim",
            "state": "",
            "records": "records",
            "records_behind": "behind",
            "with_items": "items",
            "with_users": "users",
            "written": "written",
        },
    )


def _ago(seconds: float | None) -> str:
    """When something happened.

    >>> _ago(None), _ago(7.4), _ago(5 * 60), _ago(3 * 86_400)
    ('never', '7 s ago', '5 min ago', '3 d ago')
    """
    if seconds is None:
        return "never"
    for unit, length_s in (("d", 2 * 86_400), ("h", 2 * 3600), ("min", 2 * 60)):
        if seconds >= length_s:
            return f"{seconds / (length_s / 2):.0f} {unit} ago"
    return f"{max(seconds, 0):.0f} s ago"


def _say(text: str) -> None:
    console.print(escape_controls(text), highlight=False, markup=False, soft_wrap=True)


def retire(
    space_id: int,
    dsn: Dsn = "",
    force: Annotated[
        bool, typer.Option("--force", help="even if it is the one to go back to, or written to")
    ] = False,
) -> None:
    """Delete a space with everything in it; never the active one."""
    import psycopg  # noqa: PLC0415

    with psycopg.connect(required(dsn), autocommit=True) as db:
        row = db.execute(
            "SELECT s.active, s.space_id = interestream.previous_space(), EXISTS ("
            " SELECT FROM interestream.job_progress AS p WHERE p.space_id = s.space_id"
            " AND p.committed_at > now() - make_interval(secs => %s))"
            " FROM interestream.spaces AS s WHERE s.space_id = %s",
            (WRITES_S, space_id),
        ).fetchone()
        if row is not None and row[0]:
            raise InterestreamError(
                f"space {space_id} is the active one: `interestream space back`, or"
                " `interestream space activate` another one first"
            )
        if row is not None and not force:
            if row[1]:
                raise InterestreamError(
                    f"space {space_id} is the one that `interestream space back` goes back to:"
                    " --force if you never will"
                )
            if row[2]:
                raise InterestreamError(
                    f"a job wrote to space {space_id} within the last {WRITES_S} s: cancel it"
                    " first, or say --force if you just have"
                )
        db.execute("SELECT interestream.drop_space(%s)", (space_id,))
    _say(f"space {space_id} is gone")
