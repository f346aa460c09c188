"""Prometheus is given every metric of the catalogue, and the counters are what was fed."""

import time
import urllib.error
import urllib.request
from collections import defaultdict
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from jobs.datasets.feed import DirectoryFeed
from jobs.metrics.catalogue import CATALOGUE, ENCODER, FLINK_METRICS, USERS, VECTORS
from jobs.metrics.metric import SCOPE
from jobs.metrics.settings import Metrics
from jobs.runtime.processes import free_port
from jobs.spaces.build import build_space
from tests.builders import NOON_MS, event_line, item_line, search_line
from tests.cluster.terminal import Terminal, until

Samples = dict[str, list[tuple[dict[str, str], float]]]


def scrape(ports: range) -> Samples:
    """What all processes answer, by name."""
    found: Samples = defaultdict(list)
    for port in ports:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                text = answer.read().decode()
        except urllib.error.URLError:
            continue
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                found[sample.name].append((sample.labels, sample.value))
    return found


def value(samples: Samples, name: str, **labels: str) -> float:
    """The sum of a metric of the job over all samples with these labels."""
    found = samples[f"{SCOPE}_{name}"]
    return sum(number for has, number in found if labels.items() <= has.items())


def by_label(samples: Samples, name: str, label: str) -> dict[str, float]:
    """The values above 0 of the user writer's metric, by a label."""
    return {
        has[label]: number
        for has, number in samples[f"{SCOPE}_{label}_{name}"]
        if number and has["operator_name"] == USERS
    }


def missing(samples: Samples) -> list[str]:
    """Names of the catalogue that nothing was told of, and steps without them."""
    names = [each.prometheus for each in FLINK_METRICS if each.needs != "kafka"]
    absent = [name for name in names if name not in samples]
    for metric in CATALOGUE:
        steps = {step for step in metric.steps if step not in (ENCODER, "decode events")}
        for name in metric.prometheus:
            told = {has["operator_name"] for has, _ in samples[name]}
            absent += [f"{name} of {step}" for step in steps - told] or [name] * (not told)
    return absent


def cloud_event(item: bytes) -> bytes:
    head = b'{"specversion":"1.0","id":"1","source":"shop","type":"item","data":'
    return head + item + b"}"


@pytest.mark.cluster
def test_prometheus_is_given_every_metric_and_the_counters_are_what_was_fed(
    dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    build_space(dsn, bundle_dir, ["A book about tea", "A book about chess"], sample=2)
    terminal = Terminal(tmp_path, dsn)
    first = free_port()
    ports = Metrics(prometheus_port=first).ports()
    feed = DirectoryFeed(tmp_path / "streams")
    settings = [
        f"--set=encoder.bundle={bundle_dir}",
        f"--set=sources.root={tmp_path / 'streams'}",
        f"--set=checkpoints.directory={tmp_path / 'checkpoints'}",
        "--set=checkpoints.interval_ms=1000",
        f"--set=metrics.prometheus_port={first}",
        # So that the step that decodes is there.
        "--set=sources.formats.items.envelope=cloudevents",
    ]
    try:
        terminal.run("submit", *settings)
        feed.write_items([cloud_event(item_line("tea")), cloud_event(item_line("chess"))])
        until(lambda: value(scrape(ports), "applied", operator_name=VECTORS) == 2, "the vectors")
        now_ms = time.time_ns() // 1_000_000
        feed.write_events(
            [
                *(event_line(n, action="view", item_id="tea", event_time=now_ms) for n in range(4)),
                event_line("a", item_id="chess", event_time=NOON_MS),
                event_line("b", item_id="tea", event_time=NOON_MS, user_id="bob"),
                event_line("b", item_id="tea", event_time=NOON_MS, user_id="bob"),
                search_line("c", "a game", event_time=now_ms),
                event_line("d", item_id="unknown", event_time=now_ms),
                event_line("e", action="sing"),
                b"{",
            ]
        )
        until(lambda: value(scrape(ports), "records_in", operator_name=USERS) == 11, "the events")
        samples = scrape(ports)
        assert f"Flink answers Prometheus at ports {first}" in terminal.run("doctor", *settings)
    finally:
        terminal.run("cluster", "stop")
    assert missing(samples) == []
    assert by_label(samples, "events", "action") == {"view": 4, "like": 2, "search": 1}
    assert by_label(samples, "dead_letters", "reason") == {"not_json": 1, "unknown_action": 1}
    told = {
        name: value(samples, name, operator_name=USERS)
        for name in ("applied", "duplicates", "dead_letters", "waiting", "freshness_ms_count")
    }
    assert told == {
        "applied": 7,
        "duplicates": 1,
        "dead_letters": 2,
        "waiting": 1,
        "freshness_ms_count": 7,
    }
    buckets = by_label(samples, "freshness_ms_bucket", "le")
    # The two events of NOON_MS are older than any bound.
    assert (buckets["300000"], buckets["Inf"]) == (5, 7)
    assert value(samples, "kind_texts", kind="document") == 2
    assert value(samples, "kind_texts", kind="query") == 1
    assert value(samples, "users_new") == 2
