"""Starts a peer for a benchmark: a process in an environment of its own, on a fresh database."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
import psycopg
from numpy.typing import NDArray

from bench.harness.our_job import BENCH_HOME, STORE
from bench.throughput.workload import Workload
from jobs.action_settings import DEFAULT_ACTIONS
from jobs.config import Checkpoints
from jobs.errors import InterestreamError
from jobs.local.stack import HOME, fresh_postgres
from jobs.runtime import processes
from jobs.spaces.build import build_space
from model_export.ensure import ensure_bundle
from udfs.encoder import Encoder
from udfs.space import directions
from udfs.vector_store import StoredEncoder

PEERS = ("bytewax", "pathway")
PYTHON = HOME / "peers" / "bin" / "python"
SNAPSHOT_MS = Checkpoints().interval_ms
"""Milliseconds between a peer's snapshots: the interval of the job's checkpoints."""
BUCKETS = 4
"""Groups of users in Bytewax, as many as the job's default; Pathway has one group."""
HALF_LIFE_MS = 86_400_000.0


class PeersNotInstalledError(InterestreamError):
    """The peers' environment is missing."""


class PeerFailedError(InterestreamError):
    """A peer ended; the message ends with the last lines of its log."""


@dataclass(frozen=True)
class RunningPeer:
    """A peer that reads, and an open connection to its database."""

    db: psycopg.Connection
    dsn: str
    space_id: int
    streams: Path
    """The folder with the streams that the peer watches."""
    check: Callable[[], None]
    """Raises PeerFailedError when the peer has ended."""


def require_peers(python: Path = PYTHON) -> None:
    """Check that the peers' environment exists.

    Raises PeersNotInstalledError, which says how to install it.
    """
    if not python.exists():
        raise PeersNotInstalledError(
            f"{python} is missing: run `make peers`, or measure our job alone with --ours"
        )


@contextlib.contextmanager
def running_peer(
    engine: str,
    workload: Workload,
    batch_ms: int,
    batch_events: int,
    on_step: Callable[[str], None],
    work_dir: Path = BENCH_HOME / "peer",
) -> Iterator[RunningPeer]:
    """Start a peer on an empty folder; `work_dir` is emptied.

    A batch ends after `batch_ms`, or with `batch_events` events unless that is 0.
    Raises PeersNotInstalledError.
    """
    require_peers()
    shutil.rmtree(work_dir / "run", ignore_errors=True)
    with fresh_postgres(work_dir / "postgres") as server:
        bundle = ensure_bundle(HOME / "bundles", on_step)
        on_step("encoding the catalogue")
        catalogue = workload.catalogue()
        titles = [record["title"] for record in catalogue]
        space_id = build_space(server.dsn, bundle, titles, store=STORE, index=False)
        with (
            psycopg.connect(server.dsn, autocommit=True) as db,
            peer_process(
                engine,
                server.dsn,
                space_id,
                [record["item_id"] for record in catalogue],
                space_vectors(db, space_id, bundle, titles),
                work_dir / "run",
                batch_ms,
                batch_events,
            ) as check,
        ):
            yield RunningPeer(db, server.dsn, space_id, work_dir / "run" / "streams", check)


def space_vectors(
    db: psycopg.Connection, space_id: int, bundle: Path, titles: Sequence[str]
) -> NDArray[np.float16]:
    """`(titles, dim)` float16: the vectors that the job would write for these documents."""
    row = db.execute(
        "SELECT mean FROM interestream.spaces WHERE space_id = %s", (space_id,)
    ).fetchone()
    assert row is not None
    encoder = StoredEncoder(Encoder.open(bundle, provider="cpu"), STORE)
    found, _ = directions(encoder.encode(titles, "document"), np.array(row[0], dtype=np.float32))
    return found


@contextlib.contextmanager
def peer_process(
    engine: str,
    dsn: str,
    space_id: int,
    item_ids: Sequence[str],
    vectors: NDArray[np.float16],
    work_dir: Path,
    batch_ms: int,
    batch_events: int,
    python: Path = PYTHON,
) -> Iterator[Callable[[], None]]:
    """Run a peer that watches `work_dir / streams / events`.

    `vectors` is `(items, dim)` in the order of `item_ids`. Yields a function that raises
    PeerFailedError when the peer has ended.
    """
    (work_dir / "streams" / "events").mkdir(parents=True, exist_ok=True)
    task = work_dir / "task.json"
    np.save(task.with_suffix(".npy"), vectors)
    task.write_bytes(
        orjson.dumps(
            {
                "space_id": space_id,
                "events": str((work_dir / "streams" / "events").absolute()),
                "state": str((work_dir / "state").absolute()),
                "batch_ms": batch_ms,
                "batch_events": batch_events,
                "snapshot_ms": SNAPSHOT_MS,
                "half_life_ms": HALF_LIFE_MS,
                "buckets": BUCKETS,
                "weights": {
                    name: action.weight if action.sign > 0 else 0.0
                    for name, action in DEFAULT_ACTIONS.items()
                },
                "item_ids": list(item_ids),
            }
        )
    )
    log = work_dir / "peer.log"
    environment = {
        **os.environ,
        "INTERESTREAM_DSN": dsn,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "PYTHONUNBUFFERED": "1",
    }
    command = [str(python.absolute()), "-m", f"bench.peers.{engine}_flow", str(task.absolute())]
    process = processes.start(command, environment, log)
    try:
        yield lambda: _check(engine, process, log)
    finally:
        processes.stop(process)


def _check(engine: str, process: subprocess.Popen[bytes], log: Path) -> None:
    code = process.poll()
    if code is not None:
        tail = log.read_text(errors="replace").strip().splitlines()[-8:]
        raise PeerFailedError(f"{engine} ended with code {code}: " + "\n".join(tail))
