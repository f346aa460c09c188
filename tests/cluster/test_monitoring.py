"""A real Prometheus reads a real job and `interestream serve`: every query of the dashboard has an
answer, no alert fires while the job is well, and the right ones do when Postgres stops."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import yaml

from bench.monitoring.live import feed_live
from bench.monitoring.panels import RATE, ROWS
from bench.monitoring.prometheus import RULES
from bench.monitoring.system import System, watched_system
from jobs.local.postgres import Server, start, stop
from jobs.simulator import simulated_dataset
from jobs.spaces.build import documents
from sql.apply import apply

OF_THIS_MACHINE = {"InterestreamDiskFull"}
"""The disk of whoever runs the tests."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server of this test's own, which it stops; `interestream maintain` has just run."""
    made = start(tmp_path / "postgres")
    apply(made.dsn)
    with psycopg.connect(made.dsn) as db:
        db.execute("INSERT INTO interestream.maintenance VALUES ('spaces', now(), 0)")
    yield made
    stop(made.data_dir)


def until(condition: Callable[[], object], what: Callable[[], object]) -> None:
    """Wait for a condition; `what` says what there is instead."""
    deadline = time.monotonic() + 240
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.5)


def unanswered(system: System) -> list[str]:
    """Queries of the dashboard without an answer, but for those that may have none."""
    return [
        f"{panel.title}: {query.expression}"
        for row in ROWS
        for panel in row.panels
        for query in panel.queries
        if not system.prometheus.ask(query.expression.replace(RATE, "20s"))
        and not panel.may_be_empty
    ]


def names_of_rules() -> set[str]:
    """Every metric that an alert rule reads."""
    groups = yaml.safe_load(RULES.read_text())["groups"]
    queries = " ".join(rule["expr"] for group in groups for rule in group["rules"])
    return set(re.findall(r"\b(?:flink|interestream)_\w+", queries))


def firing(system: System) -> set[str]:
    return system.prometheus.alerts().keys() - OF_THIS_MACHINE


@pytest.mark.cluster
@pytest.mark.long
@pytest.mark.timeout(1500)
def test_prometheus_answers_every_query_and_only_a_fault_fires_alerts(
    server: Server, bundle_dir: Path, tmp_path: Path, prometheus_program: Path
) -> None:
    dataset = simulated_dataset(seed=3, users=100, events=30_000, items=100, days=5)
    texts = list(documents(dataset.items()))
    settings = ["checkpoints.interval_ms=1000", "trends.update_s=1"]
    with watched_system(
        server.dsn, bundle_dir, texts, tmp_path, settings=settings, wait="1s"
    ) as system:
        prometheus = system.prometheus
        system.feed.write_items(dataset.items())
        until(lambda: prometheus.ask("interestream_space_items == 100"), lambda: "no vectors")
        ended = threading.Event()
        feeding = threading.Thread(
            target=feed_live, args=(system.feed, dataset.events(), 50, ended.is_set), daemon=True
        )
        feeding.start()
        try:
            until(lambda: not unanswered(system), lambda: unanswered(system))
            assert prometheus.rule_problems() == []
            for name in names_of_rules():
                assert prometheus.ask(name), name
            # At the start there is no checkpoint yet.
            until(lambda: not firing(system), prometheus.alerts)
            stop(server.data_dir)
            expected = {"InterestreamPostgresDown", "InterestreamPostgresWaits"}
            until(lambda: expected <= firing(system), prometheus.alerts)
            start(server.data_dir, port=server.port)
            until(lambda: not expected & firing(system), prometheus.alerts)
            until(lambda: not unanswered(system), lambda: unanswered(system))
        finally:
            ended.set()
            feeding.join(30)
