"""A savepoint that is kept with the tests, so that later versions of the job are held against it.

It lies in a folder of its own: `stored.tar.gz` holds what Flink wrote and the tables as they were
then, `history.jsonl` every record that the job had read. To keep one of the version at hand, run
`python -m tests.cluster.stored_savepoint tests/cluster/savepoints/VERSION`.
"""

import csv
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
import psycopg

from bench.verify.recompute import Phase, Record
from jobs.datasets.feed import DirectoryFeed
from jobs.local.postgres.server import temporary_postgres
from jobs.local.stack import job_arguments
from jobs.runtime.local_cluster import LocalCluster
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import build_space, documents
from model_export.ensure import ensure_bundle
from sql.apply import apply
from tests.cluster.stored_history import BEFORE, ITEMS, Trends, trends_of
from tests.fixtures.bundle import BUNDLES
from udfs.bundle import verify

STREAMS = ("items", "events", "control")
ARCHIVE, HISTORY = "stored.tar.gz", "history.jsonl"
HORIZONS = {"hour": (3_600, 60), "day": (86_400, 1_800), "week": (604_800, 10_800)}
UPDATE_S = 20
_TEN_YEARS_S = 315_360_000

SETTINGS = (
    "batching.buckets=2",
    f"trends.update_s={UPDATE_S}",
    # The state says when each entry was made, and is restored years later.
    f"retention.duplicate_ttl_s={_TEN_YEARS_S}",
    f"retention.waiting_ttl_s={_TEN_YEARS_S}",
    f"retention.user_ttl_s={_TEN_YEARS_S}",
)
"""Configuration that a savepoint is made with and restored with."""

CLUSTER_OPTIONS = {"heartbeat.timeout": "60000"}
"""A busy machine must not look like a lost TaskManager, since nothing is killed here."""

TABLES = (
    "spaces",
    "sentiment_prototypes",
    "topics",
    "topic_vectors",
    "actions",
    "items",
    "item_vectors",
    "users",
    "user_windows",
    "user_items",
    "dead_letters",
    "job_progress",
    "trend_windows",
    "trends",
)
_SENTENCES = 12
"""Sentences of each polarity that the space keeps, since hundreds would be most of the archive."""

_DROP_SENTENCES = """
DELETE FROM interestream.sentiment_prototypes WHERE language <> 'en' OR text NOT IN (
    SELECT text FROM (
        SELECT text, row_number() OVER (PARTITION BY polarity ORDER BY text) AS number
        FROM interestream.sentiment_prototypes WHERE language = 'en'
    ) AS n WHERE number <= %s)
"""


class StoredSavepoint:
    """What lies in `folder`, unpacked into `work_dir`."""

    def __init__(self, folder: Path, work_dir: Path) -> None:
        with tarfile.open(folder / ARCHIVE) as archive:
            archive.extractall(work_dir, filter="data")
        self.path = work_dir / "savepoint"
        self._tables = work_dir / "tables"
        self._history = folder / HISTORY

    def history(self) -> list[Phase]:
        """The records that the job had read."""
        phases: list[dict[str, list[Record]]] = []
        for line in self._history.read_bytes().splitlines():
            kept = orjson.loads(line)
            if kept["phase"] == len(phases):
                phases.append({stream: [] for stream in STREAMS})
            record = kept["record"]
            phases[kept["phase"]][kept["stream"]].append(
                record.encode() if isinstance(record, str) else record
            )
        return [Phase(**phase) for phase in phases]

    def load_tables(self, dsn: str, bundle: Path) -> int:
        """Fill a database that has the schema and nothing else; returns the id of the space.

        The space becomes that of the bundle at hand: another machine exports the same weights
        under other hashes, and their vectors differ by rounding.
        """
        manifest = verify(bundle)
        with (self._tables / "spaces.csv").open() as file:
            (kept,) = csv.DictReader(file)
        with psycopg.connect(dsn) as db:
            row = db.execute(
                "SELECT interestream.create_space(%s, %s, %s, %s, %s::real[])",
                (
                    manifest.name,
                    manifest.version,
                    manifest.bundle_sha256,
                    manifest.dim,
                    kept["mean"],
                ),
            ).fetchone()
            for table in TABLES[1:]:
                _copy_in(db, table, self._tables / f"{table}.csv")
        assert row is not None
        return int(row[0])


def work_off(db: psycopg.Connection, space_id: int, feed: DirectoryFeed, phase: Phase) -> None:
    """Feed the items, the events and the commands of a phase, and wait after each until they are
    committed and no counter moves any more; rows that are written later may be missing."""
    writers = (feed.write_items, feed.write_events, feed.write_control)
    for stream, write in zip(STREAMS, writers, strict=True):
        before = read_progress(db, space_id)[stream].records_in
        fed = write(_lines(getattr(phase, stream)))
        if fed:
            _until_committed(db, space_id, stream, before + fed)
            _until_quiet(db, space_id)


def until(condition: Callable[[], bool], what: str, timeout_s: float = 180.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def read_trends(db: psycopg.Connection, space_id: int) -> Trends:
    found: Trends = {name: {} for name in HORIZONS}
    for horizon, item_id, count, weight in db.execute(
        "SELECT horizon, item_id, interactions, weight FROM interestream.trends"
        " WHERE space_id = %s AND horizon = ANY(%s)",
        (space_id, list(HORIZONS)),
    ).fetchall():
        found[horizon][item_id] = (count, weight)
    return found


def store(folder: Path) -> None:
    """Have the job read `BEFORE`, stop it with a savepoint, and keep what it leaves in `folder`."""
    BUNDLES.mkdir(parents=True, exist_ok=True)
    bundle = ensure_bundle(BUNDLES)
    with temporary_postgres() as server, tempfile.TemporaryDirectory() as name:
        work_dir = Path(name)
        apply(server.dsn)
        space_id = build_space(server.dsn, bundle, documents(ITEMS))
        feed = DirectoryFeed(work_dir / "streams")
        # Long enough for the savepoint to find rows that are not written yet.
        arguments = job_arguments(bundle, work_dir, [*SETTINGS, "interest.slow_delay_s=120"])
        with (
            LocalCluster(work_dir / "cluster", server.dsn, options=CLUSTER_OPTIONS) as cluster,
            psycopg.connect(server.dsn, autocommit=True) as db,
        ):
            db.execute(_DROP_SENTENCES, (_SENTENCES,))
            job_id = cluster.submit(arguments)
            cluster.wait_running(job_id)
            for phase in BEFORE:
                work_off(db, space_id, feed, phase)
            cluster.stop(job_id, work_dir / "savepoints")
            _check_unfinished(db, space_id)
            for table in TABLES:
                _copy_out(db, table, work_dir / "tables" / f"{table}.csv")
        (savepoint,) = (work_dir / "savepoints").iterdir()
        folder.mkdir(parents=True, exist_ok=True)
        with tarfile.open(folder / ARCHIVE, "w:gz") as archive:
            archive.add(savepoint, "savepoint", filter=_of_nobody)
            archive.add(work_dir / "tables", "tables", filter=_of_nobody)
        (folder / HISTORY).write_bytes(b"".join(_history_lines()))


def _check_unfinished(db: psycopg.Connection, space_id: int) -> None:
    """What only a job that was stopped in time still holds in its state."""
    events = read_progress(db, space_id)["events"]
    assert events.waiting, "events must wait for their item"
    assert events.unwritten, "rows must be unwritten: the machine took too long"
    assert read_trends(db, space_id) != trends_of(BEFORE, HORIZONS, UPDATE_S), (
        "a window of trends must be open: the machine took too long"
    )


def _until_committed(db: psycopg.Connection, space_id: int, stream: str, target: int) -> None:
    def committed() -> bool:
        counters = read_progress(db, space_id)
        encoded = counters["vectors"].records_in >= counters["items"].applied
        return encoded and counters[stream].records_in >= target

    until(committed, f"{stream}: {target} records must be committed")


def _until_quiet(db: psycopg.Connection, space_id: int, quiet_s: float = 3.0) -> None:
    """Until what waits is joined, and every step has what it was sent."""
    before, since = read_progress(db, space_id), time.monotonic()
    while time.monotonic() - since < quiet_s:
        time.sleep(0.1)
        now = read_progress(db, space_id)
        if now != before:
            before, since = now, time.monotonic()


def _lines(records: Iterable[Record]) -> Iterator[bytes | dict[str, Any]]:
    return (record if isinstance(record, bytes) else dict(record) for record in records)


def _history_lines() -> Iterator[bytes]:
    """One JSON object a record; a line that is no JSON is kept as a string."""
    for number, phase in enumerate(BEFORE):
        for stream in STREAMS:
            for line in _lines(getattr(phase, stream)):
                record = line.decode() if isinstance(line, bytes) else line
                yield orjson.dumps({"phase": number, "stream": stream, "record": record}) + b"\n"


def _copy_out(db: psycopg.Connection, table: str, file: Path) -> None:
    file.parent.mkdir(exist_ok=True)
    query = f"COPY (SELECT * FROM interestream.{table}) TO STDOUT (FORMAT csv, HEADER)"
    with file.open("wb") as out, db.cursor() as cursor, cursor.copy(query) as copy:
        out.writelines(bytes(block) for block in copy)


def _copy_in(db: psycopg.Connection, table: str, file: Path) -> None:
    columns, _, _ = file.read_text().partition("\n")
    # Some tables have rows from the start.
    db.execute(f"DELETE FROM interestream.{table}")
    query = f"COPY interestream.{table} ({columns}) FROM STDIN (FORMAT csv, HEADER)"
    with db.cursor() as cursor, cursor.copy(query) as copy:
        copy.write(file.read_bytes())


def _of_nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    store(Path(sys.argv[1]))
