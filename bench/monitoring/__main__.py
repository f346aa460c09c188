"""Draws the dashboard of a real run: python -m bench.monitoring BUNDLE [PNG].

Six minutes with a load, two faults and the alert rules as they are: Postgres stops for a hundred
seconds, and later a TaskManager is killed. Nothing of Grafana runs.
"""

import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from bench.monitoring.draw import Span, draw
from bench.monitoring.live import feed_live
from bench.monitoring.system import System, watched_system
from jobs.datasets.dataset import Line
from jobs.local.postgres import Server, start, stop
from jobs.simulator import simulated_dataset
from jobs.spaces.build import documents
from sql.apply import apply

MINUTES = 6.0
OUTAGE_AT_S, OUTAGE_S, KILL_AT_S = 75.0, 100.0, 250.0
PER_S = 150.0


def run(bundle: Path, png: Path) -> None:
    """Run it and write the picture."""
    with tempfile.TemporaryDirectory(prefix="interestream-monitoring-") as name:
        folder = Path(name)
        server = start(folder / "postgres")
        try:
            apply(server.dsn)
            dataset = simulated_dataset(users=800, events=90_000, items=800, days=30)
            texts = list(documents(dataset.items()))
            settings = ["checkpoints.interval_ms=5000", "batching.buckets=2"]
            with watched_system(
                server.dsn, bundle, texts, folder, settings=settings, every="2s"
            ) as system:
                system.feed.write_items(dataset.items())
                _wait_for_items(system)
                from_s, faults = _story(system, server, dataset.events())
                draw(system.prometheus, from_s, time.time(), png, faults=faults)
        finally:
            stop(folder / "postgres")


def _wait_for_items(system: System) -> None:
    deadline = time.monotonic() + 600
    while not system.prometheus.ask("interestream_space_items > 700"):
        if time.monotonic() > deadline:
            raise TimeoutError("the items were not encoded in ten minutes")
        time.sleep(1)


def _story(system: System, server: Server, lines: Iterable[Line]) -> tuple[float, list[Span]]:
    """Feed while the faults happen; returns when it began, and the faults."""
    ended = threading.Event()
    feeding = threading.Thread(
        target=feed_live, args=(system.feed, lines, PER_S, ended.is_set), daemon=True
    )
    from_s = time.time()
    faults: list[Span] = []
    feeding.start()
    _sleep_until(from_s + OUTAGE_AT_S)
    stop(server.data_dir)
    _sleep_until(from_s + OUTAGE_AT_S + OUTAGE_S)
    start(server.data_dir, port=server.port)
    faults.append((from_s + OUTAGE_AT_S, time.time(), "Postgres is stopped"))
    print("Postgres is back", system.prometheus.alerts(), flush=True)
    _sleep_until(from_s + KILL_AT_S)
    system.cluster.kill_task_manager()
    system.cluster.start_task_manager()
    faults.append((from_s + KILL_AT_S, time.time() + 3, "a TaskManager is killed"))
    _sleep_until(from_s + MINUTES * 60)
    ended.set()
    feeding.join(30)
    print(system.feed.written, system.prometheus.alerts(), flush=True)
    return from_s, faults


def _sleep_until(at_s: float) -> None:
    time.sleep(max(at_s - time.time(), 0.0))


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else "docs/monitoring.png"))
