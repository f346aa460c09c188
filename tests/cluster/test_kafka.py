"""Topics of Kafka as the job's source, with a real broker."""

import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from bench.verify.run import verify
from jobs.connectors.errors import ConnectorError
from jobs.datasets.topic_feed import TopicFeed
from jobs.errors import JobFailedError
from jobs.kafka_topics import KafkaTopics
from jobs.local.stack import job_arguments
from jobs.runtime.in_process import InProcessJob
from jobs.runtime.local_cluster import LocalCluster
from jobs.simulator import simulated_dataset
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import build_space
from tests.builders import event_line, item_line
from tests.fixtures.kafka import Broker


def topics_of(kafka: Broker, name: str, partitions: int) -> KafkaTopics:
    topics = KafkaTopics(
        bootstrap=kafka.address,
        events=f"{name}.events",
        items=f"{name}.items",
        control=f"{name}.control",
    )
    kafka.create(dict.fromkeys((topics.events, topics.items, topics.control), partitions))
    return topics


def settings_of(topics: KafkaTopics, connectors: Path) -> list[str]:
    return [
        "sources.kind=kafka",
        f"sources.kafka.bootstrap={topics.bootstrap}",
        f"sources.kafka.events={topics.events}",
        f"sources.kafka.items={topics.items}",
        f"sources.kafka.control={topics.control}",
        f"sources.kafka.connectors={connectors}",
    ]


@pytest.mark.cluster
@pytest.mark.parametrize(
    ("partitions", "parallelism"), [pytest.param(1, 1, marks=pytest.mark.long), (8, 2)]
)
def test_records_of_topics_give_the_rows_of_the_recomputation(
    partitions: int, parallelism: int, kafka: Broker, kafka_connectors: Path, tmp_path: Path
) -> None:
    topics = topics_of(kafka, f"verify-{partitions}", partitions)
    dataset = simulated_dataset(seed=3, users=60, events=2_000, items=120, days=10)
    settings = [
        *settings_of(topics, kafka_connectors),
        f"batching.parallelism={parallelism}",
        "encoder.threads=1",
    ]
    assert verify(dataset, 3_600, 3, settings, tmp_path, TopicFeed(topics))


@pytest.mark.cluster
def test_a_topic_that_does_not_exist_is_told_before_the_job_starts(
    kafka: Broker, kafka_connectors: Path, dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    topics = topics_of(kafka, "missing", 1)
    missing = topics.model_copy(update={"control": "nowhere"})
    build_space(dsn, bundle_dir, ["A book about tea", "A book about chess"], sample=2)
    arguments = job_arguments(bundle_dir, tmp_path, settings_of(missing, kafka_connectors))
    with (
        InProcessJob(arguments, dsn, tmp_path / "job") as job,
        pytest.raises(JobFailedError, match="no topic 'nowhere'") as raised,
    ):
        job.wait_running()
    assert f"at {kafka.address} (sources.kafka.control): create it" in str(raised.value)
    with pytest.raises(ConnectorError, match=r"no topic 'nowhere' .*nothing was fed"):
        TopicFeed(missing)


@pytest.mark.cluster
@pytest.mark.long
@pytest.mark.timeout(900)  # on a machine with much else to do
def test_nothing_is_lost_or_counted_twice_when_the_broker_and_a_task_manager_are_killed(
    kafka: Broker, kafka_connectors: Path, dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    topics = topics_of(kafka, "faults", 2)
    space_id = build_space(dsn, bundle_dir, ["A book about tea", "A book about chess"], sample=2)
    kafka.create({"faults.dead": 1})
    settings = [
        *settings_of(topics, kafka_connectors),
        "checkpoints.interval_ms=1000",
        "sources.kafka.dead_letters=faults.dead",
    ]
    feed = TopicFeed(topics)
    fed = 0
    broken: list[bytes] = []

    def feed_events(count: int) -> None:
        nonlocal fed
        numbers = range(fed, fed + count)
        feed.write_events(event_line(f"e{n}", item_id="tea", user_id=f"u{n % 5}") for n in numbers)
        broken.append(b"broken %d" % fed)
        feed.write_events(broken[-1:])
        fed += count + 1

    with (
        LocalCluster(tmp_path / "cluster", dsn, options={"heartbeat.timeout": "20000"}) as cluster,
        psycopg.connect(dsn, autocommit=True) as db,
    ):

        def read(stream: str) -> int:
            return read_progress(db, space_id)[stream].records_in

        def state() -> str:
            return f"{read_progress(db, space_id)} {cluster.rest.status(job_id)}"

        def checkpoints() -> int:
            return int(cluster.rest.checkpoints(job_id)["counts"]["completed"])

        def committed() -> int:
            group = f"interestream-space-{space_id}"
            reader = Consumer({"bootstrap.servers": kafka.address, "group.id": group})
            partitions = [TopicPartition(topics.events, number) for number in range(2)]
            offsets = [each.offset for each in reader.committed(partitions, timeout=30)]
            reader.close()
            return sum(max(offset, 0) for offset in offsets)

        job_id = cluster.submit(job_arguments(bundle_dir, tmp_path, settings))
        cluster.wait_running(job_id)
        feed.write_items([item_line("tea", title="A book about tea")])
        feed_events(100)
        until(lambda: read("events") == fed, state)
        done = checkpoints()
        until(lambda: checkpoints() > done + 1, state)
        until(lambda: committed() == fed, state)
        feed_events(50)
        kafka.kill()
        kafka.start()
        feed_events(50)
        until(lambda: read("events") == fed, state)
        cluster.kill_task_manager()
        feed_events(50)
        cluster.start_task_manager()
        until(lambda: read("events") == fed, state)
        until(lambda: read_progress(db, space_id)["events"].applied == fed - len(broken), state)
        restored = cluster.rest.checkpoints(job_id)["counts"]["restored"]
        events = read_progress(db, space_id)["events"]
        rows = db.execute("SELECT raw FROM interestream.dead_letters").fetchall()
    assert restored >= 1
    assert (events.records_in, events.duplicates, events.dead_letters) == (fed, 0, len(broken))
    # Exactly once in the table, and at least once in the topic.
    assert sorted(raw for (raw,) in rows) == sorted(broken)
    assert {value for _, value, _ in read_topic(kafka, "faults.dead")} == set(broken)


@pytest.mark.cluster
def test_tombstones_withdraw_and_other_values_that_are_no_lines_become_dead_letters(
    kafka: Broker,
    kafka_connectors: Path,
    dsn: str,
    bundle_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    topics = topics_of(kafka, "values", 1)
    space_id = build_space(dsn, bundle_dir, ["A book about tea", "A book about chess"], sample=2)
    # The protocol has no login; Kafka's clients log their settings all the same.
    monkeypatch.setenv(
        "INTERESTREAM_KAFKA_PROPERTIES",
        "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required"
        ' username="ada" password="s3cret";',
    )
    kafka.create({"values.dead": 1})
    settings = [*settings_of(topics, kafka_connectors), "sources.kafka.dead_letters=values.dead"]
    arguments = job_arguments(bundle_dir, tmp_path, settings)
    long = b'{"event_id":"long","user_id":"ada","text":"' + b"x" * 299_000 + b'"}'
    pretty = event_line("pretty", item_id="tea").replace(b",", b",\n")
    records: list[tuple[str, bytes | None, bytes | None]] = [
        (topics.items, b"tea", item_line("tea", title="A book about tea")),
        (topics.items, b'a "cup"', item_line('a "cup"', title="A cup of tea")),
        (topics.items, b'a "cup"', None),
        (topics.items, b"gone for long", None),
        (topics.items, None, None),
        (topics.items, b"empty", b""),
        (topics.events, b"ada", pretty),
        (topics.events, b"ada", None),
        (topics.events, None, long),
        (topics.control, b"ada", None),
    ]
    producer = Producer({"bootstrap.servers": kafka.address})
    for topic, key, value in records:
        producer.produce(topic, key=key, value=value)
    assert producer.flush(30) == 0
    with (
        InProcessJob(arguments, dsn, tmp_path / "job") as job,
        psycopg.connect(dsn, autocommit=True) as db,
    ):
        job.wait_running()
        for stream, count in (("items", 6), ("events", 3), ("control", 1)):
            until(
                lambda stream=stream, count=count: (  # type: ignore[misc]
                    read_progress(db, space_id)[stream].records_in == count
                ),
                lambda: str(read_progress(db, space_id)),
            )
        until(
            lambda: read_progress(db, space_id)["events"].applied == 1,
            lambda: str(read_progress(db, space_id)),
        )
        letters = db.execute(
            "SELECT stream, raw, reason, detail FROM interestream.dead_letters"
        ).fetchall()
        items = db.execute("SELECT item_id, title, available FROM interestream.items").fetchall()
        passed_over = read_progress(db, space_id)["items"].duplicates
    assert sorted(items) == [
        ('a "cup"', "A cup of tea", False),
        ("tea", "A book about tea", True),
    ]
    assert passed_over == 1
    assert sorted(row[:3] for row in letters) == sorted(
        [
            ("items", b"", "not_json"),
            ("items", b"", "not_json"),
            ("events", b"", "not_json"),
            ("events", long[:262_144], "too_large"),
            ("control", b"", "not_json"),
        ]
    )
    (detail,) = (row[3] for row in letters if row[2] == "too_large")
    assert detail.endswith(f"the rest is in {topics.events}/0/2")
    # The topic has each of them: what is broken about one, and its bytes as they came.
    copies = read_topic(kafka, "values.dead")
    assert sorted(copies) == sorted((row[0].encode(), row[1], row[2].encode()) for row in letters)
    logs = [file.read_bytes() for file in (tmp_path / "job" / "log").iterdir()]
    assert any(b"sasl.jaas.config = [hidden]" in log for log in logs)
    assert not any(b"s3cret" in log for log in logs)


def read_topic(kafka: Broker, topic: str) -> list[tuple[bytes, bytes, bytes]]:
    """Stream, value and reason of the dead letters in a topic of one partition."""
    reader = Consumer({"bootstrap.servers": kafka.address, "group.id": "dead"})
    reader.assign([TopicPartition(topic, 0, 0)])
    found = []
    for message in reader.consume(1_000, timeout=10):
        headers = dict(message.headers() or [])
        found.append((headers["stream"], message.value() or b"", headers["reason"]))
    reader.close()
    return found


def until(condition: Callable[[], bool], what: Callable[[], str], timeout_s: float = 240.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.1)
