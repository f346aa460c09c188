"""Topics whose records have another shape: Debezium's envelopes, CloudEvents, mappings."""

from pathlib import Path

import orjson
import psycopg
import pytest
from confluent_kafka import Producer

from bench.verify.foreign_shape import ForeignFeed, foreign_settings
from bench.verify.run import verify
from jobs.action_settings import DEFAULT_ACTIONS
from jobs.datasets.topic_feed import TopicFeed
from jobs.local.stack import job_arguments
from jobs.runtime.in_process import InProcessJob
from jobs.simulator import simulated_dataset
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import build_space
from tests.builders import command_line
from tests.cluster.test_kafka import settings_of, topics_of, until
from tests.fixtures.kafka import Broker

PRODUCTS = """
[items]
item_id = "sku"
title = "name"
text = "body"
available = { column = "hidden", not = true }
"""
TEA = {"sku": 1, "name": "Green tea", "body": "Leaves from a hill.", "hidden": False}
CHESS = {"sku": 2, "name": "Chess board", "body": None, "hidden": False}
CUP = {"sku": 3, "name": "Cup", "body": "Blue.", "hidden": True}
BUCKETS = 4
"""The default of `batching.buckets`: a table that was emptied is a line for each."""
GONE = {"sku": 4, "name": "Umbrella", "body": "Of a table that was emptied.", "hidden": False}

Headers = dict[str, str | bytes | None]


@pytest.mark.cluster
@pytest.mark.long
def test_a_foreign_shape_in_eight_partitions_gives_the_rows_of_the_recomputation(
    kafka: Broker, kafka_connectors: Path, tmp_path: Path
) -> None:
    topics = topics_of(kafka, "foreign", 8)
    dataset = simulated_dataset(seed=6, users=60, events=2_000, items=120, days=10)
    settings = [
        *settings_of(topics, kafka_connectors),
        *foreign_settings(tmp_path, DEFAULT_ACTIONS),
        "batching.parallelism=2",
        "encoder.threads=1",
    ]
    feed = ForeignFeed(TopicFeed(topics))
    assert verify(dataset, 3_600, 6, settings, tmp_path / "work", feed)


def change(op: str, before: object, after: object) -> bytes:
    return orjson.dumps({"before": before, "after": after, "op": op, "ts_ms": 1_773_144_000_000})


@pytest.mark.cluster
def test_changes_of_a_table_are_items_and_cloud_events_are_events(
    kafka: Broker, kafka_connectors: Path, dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    topics = topics_of(kafka, "formats", 1)
    space_id = build_space(dsn, bundle_dir, ["A book about tea", "A book about chess"], sample=2)
    (tmp_path / "products.toml").write_text(PRODUCTS)
    settings = [
        *settings_of(topics, kafka_connectors),
        "sources.formats.items.envelope=debezium",
        f"sources.formats.items.mapping={tmp_path / 'products.toml'}",
        "sources.formats.events.envelope=cloudevents",
    ]
    key = {row["sku"]: orjson.dumps({"sku": row["sku"]}) for row in (TEA, CHESS, CUP, GONE)}
    viewed = {"user_id": "ada", "action": "view", "item_id": 1}
    attributes: Headers = {
        "ce_specversion": "1.0",
        "ce_type": "viewed",
        "ce_source": "/shop",
        "ce_time": "2026-03-10T12:00:00Z",
        "content-type": "application/json",
    }
    structured = {
        "specversion": "1.0",
        "id": "c2",
        "source": "/shop",
        "type": "liked",
        "time": "2026-03-10T12:01:00Z",
        "data": {**viewed, "action": "like"},
    }
    broken = orjson.dumps({**viewed, "action": "stare"})
    records: list[tuple[str, bytes | None, bytes | None, Headers]] = [
        (topics.items, key[4], change("r", None, GONE), {}),
        (topics.items, None, change("t", None, None), {}),
        (topics.items, key[1], change("r", None, {**TEA, "name": "Tea"}), {}),
        (topics.items, key[1], change("u", None, TEA), {}),
        (topics.items, key[2], change("c", None, CHESS), {}),
        (topics.items, key[3], change("c", None, CUP), {}),
        (topics.items, key[2], change("d", CHESS, None), {}),
        (topics.items, key[2], None, {}),
        (topics.items, b"9", b"no change", {}),
        (topics.events, b"ada", orjson.dumps(viewed), {**attributes, "ce_id": "c1"}),
        (topics.events, b"ada", orjson.dumps(viewed), {**attributes, "ce_id": "c1"}),
        (
            topics.events,
            b"ada",
            orjson.dumps(structured),
            {"content-type": "application/cloudevents+json; charset=UTF-8"},
        ),
        (topics.events, b"ada", broken, {**attributes, "ce_id": "c3"}),
    ]
    producer = Producer({"bootstrap.servers": kafka.address})
    for topic, record_key, value, headers in records:
        producer.produce(topic, key=record_key, value=value, headers=list(headers.items()))
    assert producer.flush(30) == 0
    # Nothing is kept of those who are forgotten, whatever the shape of what they do.
    forgotten = orjson.dumps({**viewed, "user_id": "böb & co", "action": "stare"})
    arguments = job_arguments(bundle_dir, tmp_path, settings)
    with (
        InProcessJob(arguments, dsn, tmp_path / "job") as job,
        psycopg.connect(dsn, autocommit=True) as db,
    ):
        job.wait_running()
        until(
            lambda: read_progress(db, space_id)["events"].applied == 2, lambda: told(db, space_id)
        )
        until(
            lambda: read_progress(db, space_id)["items"].records_in == 8 + BUCKETS,
            lambda: told(db, space_id),
        )
        producer.produce(topics.control, value=command_line("böb & co", "forget"))
        assert producer.flush(30) == 0
        until(
            lambda: read_progress(db, space_id)["control"].applied == 1, lambda: told(db, space_id)
        )
        producer.produce(topics.events, forgotten, headers=[*attributes.items(), ("ce_id", "c4")])
        assert producer.flush(30) == 0
        until(
            lambda: read_progress(db, space_id)["events"].records_in == 5,
            lambda: told(db, space_id),
        )
        items = db.execute(
            "SELECT item_id, title, body, available FROM interestream.items"
        ).fetchall()
        letters = db.execute(
            "SELECT stream, raw, reason, user_id FROM interestream.dead_letters"
        ).fetchall()
        seen = db.execute("SELECT user_id, item_id FROM interestream.user_items").fetchall()
        events = read_progress(db, space_id)["events"]
    assert sorted(items) == [
        ("1", "Green tea", "Leaves from a hill.", True),
        ("2", "Chess board", None, False),
        ("3", "Cup", "Blue.", False),
        ("4", "Umbrella", "Of a table that was emptied.", False),
    ]
    assert sorted((stream, bytes(raw), reason, user) for stream, raw, reason, user in letters) == [
        ("events", broken, "unknown_action", "ada"),
        ("items", b"no change", "not_json", None),
    ]
    assert (events.records_in, events.duplicates, events.dead_letters) == (5, 1, 2)
    assert seen == [("ada", "1")]


def told(db: psycopg.Connection, space_id: int) -> str:
    letters = db.execute("SELECT stream, raw, reason, detail FROM interestream.dead_letters")
    return f"{read_progress(db, space_id)} {letters.fetchall()}"
