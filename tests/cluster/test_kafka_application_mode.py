"""A job of topics in application mode: its connector comes along, and its login stays hidden."""

import signal
from pathlib import Path

import psycopg
import pytest

from jobs.datasets.topic_feed import TopicFeed
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import build_space
from tests.builders import NOON_MS, event_line, item_line
from tests.cluster.test_application_mode import Machine, assert_hidden, until
from tests.cluster.test_kafka import settings_of, topics_of
from tests.fixtures.kafka import Broker

SECRET = "pa55word-of-kafka"


@pytest.mark.cluster
@pytest.mark.long
@pytest.mark.timeout(1800)  # on a machine with much else to do
def test_a_job_of_topics_goes_on_after_its_job_manager_died_and_shows_no_login(
    kafka: Broker,
    kafka_connectors: Path,
    dsn: str,
    bundle_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    topics = topics_of(kafka, "application", 2)
    space_id = build_space(dsn, bundle_dir, ["A book about tea", "A book about chess"], sample=2)
    # The protocol has no login; Kafka's clients log their settings all the same.
    monkeypatch.setenv(
        "INTERESTREAM_KAFKA_PROPERTIES",
        "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required"
        f' username="ada" password="{SECRET}";',
    )
    settings = [f"--set={setting}" for setting in settings_of(topics, kafka_connectors)]
    feed = TopicFeed(topics)
    machine = Machine(tmp_path, dsn, bundle_dir)
    rest = machine.rest
    try:
        job_manager = machine.job_manager(*settings)
        machine.task_manager()
        with psycopg.connect(dsn, autocommit=True) as db:

            def applied() -> int:
                return read_progress(db, space_id)["events"].applied

            def feed_event(number: int) -> None:
                time_ms = NOON_MS + number
                feed.write_events([event_line(str(number), item_id="tea", event_time=time_ms)])

            feed.write_items([item_line("tea", title="A book about tea")])
            feed_event(1)
            until(lambda: applied() == 1, "the first event")
            assert_hidden(SECRET, tmp_path, rest)
            job_id = rest.jobs()[0]
            first = rest.checkpoints(job_id)["counts"]["completed"]
            until(lambda: rest.checkpoints(job_id)["counts"]["completed"] > first + 1, "state")
            job_manager.send_signal(signal.SIGKILL)
            job_manager.wait()
            feed_event(2)
            # The TaskManager reads on until it misses the JobManager.
            machine.job_manager(*settings)
            until(lambda: any(map(rest.running, rest.jobs())), "the job of the new JobManager")
            feed_event(3)
            until(lambda: applied() == 3, "the events after the JobManager's death")
            events = read_progress(db, space_id)["events"]
            assert (events.records_in, events.duplicates) == (3, 0)
            assert_hidden(SECRET, tmp_path, rest)
    finally:
        machine.stop()
