"""A broker that is not there, stands still, dies, and loses a topic or a partition."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from jobs.datasets.topic_feed import TopicFeed
from jobs.errors import JobFailedError
from jobs.health.verdict import State, Thresholds, Verdict
from jobs.health.watch import Watched, watch
from jobs.kafka_topics import KafkaTopics
from jobs.local.stack import job_arguments
from jobs.runtime.in_process import InProcessJob
from jobs.runtime.local_cluster import LocalCluster
from jobs.runtime.processes import free_port
from jobs.simulator import simulated_dataset
from jobs.spaces.build import build_space, documents
from tests.cluster.recomputed import compare_with_recomputation, wait_committed
from tests.cluster.terminal import until
from tests.cluster.test_kafka import settings_of, topics_of
from tests.fixtures.kafka import Broker

CHUNKS = 5


@pytest.mark.cluster
@pytest.mark.long
def test_a_broker_that_is_not_there_at_the_start_is_told(
    kafka_connectors: Path, dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    build_space(dsn, bundle_dir, ["A book about tea", "A book about chess"], sample=2)
    topics = KafkaTopics(
        bootstrap=f"127.0.0.1:{free_port()}", events="events", items="items", control="control"
    )
    arguments = job_arguments(bundle_dir, tmp_path, settings_of(topics, kafka_connectors))
    with (
        InProcessJob(arguments, dsn, tmp_path / "job") as job,
        pytest.raises(JobFailedError, match=f"no broker answers at {topics.bootstrap} within"),
    ):
        job.wait_running()


@pytest.mark.cluster
@pytest.mark.long
@pytest.mark.timeout(1800)  # on a machine with much else to do
def test_a_job_outlives_all_that_happens_to_its_broker_without_a_restart(
    kafka: Broker, kafka_connectors: Path, dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    dataset = simulated_dataset(seed=13, users=60, events=2_000, items=150, days=10)
    topics = topics_of(kafka, "away", 2)
    space_id = build_space(dsn, bundle_dir, documents(dataset.items()), sample=100)
    settings = [*settings_of(topics, kafka_connectors), "checkpoints.interval_ms=1000"]
    events, fed = dataset.events(), 0
    size = sum(1 for _ in dataset.events()) // CHUNKS
    with LocalCluster(tmp_path / "cluster", dsn, options={"heartbeat.timeout": "60000"}) as cluster:
        watched = Watched(
            dsn, f"127.0.0.1:{cluster.rest_port}", tmp_path, None, False, kafka=topics
        )

        def completed() -> int:
            return int(cluster.rest.checkpoints(job_id)["counts"]["completed"])

        def feed(count: int | None = size) -> None:
            nonlocal fed
            fed += TopicFeed(topics).write_events(islice(events, count))
            wait_committed(dsn, space_id, "events", fed)
            # What was read stands in a checkpoint, and in the group, before the next fault.
            done = completed()
            until(lambda: completed() > done + 1, "a checkpoint")

        def told(check: str) -> Callable[[str], None]:
            def wait(sentence: str) -> None:
                found: list[Verdict] = []

                def tells() -> bool:
                    found[:] = [v for v in watch(watched, Thresholds()) if v.check == check]
                    return any(sentence in verdict.sentence for verdict in found)

                until(tells, sentence)
                assert [verdict.state for verdict in found] == [State.CRITICAL]

            return wait

        job_id = cluster.submit(job_arguments(bundle_dir, tmp_path, settings))
        cluster.wait_running(job_id)
        items = TopicFeed(topics).write_items(dataset.items())
        wait_committed(dsn, space_id, "items", items)
        feed()

        # It stands still: nothing is read, and all else goes on.
        with kafka.stopped():
            told("topics")(f"no broker answers at {kafka.address}")
            done = completed()
            until(lambda: completed() > done + 1, "checkpoints without a broker")
        feed()

        # It dies, loses the log of a partition, and comes back with an empty one.
        kafka.kill()
        told("topics")(f"no broker answers at {kafka.address}")
        kafka.lose(topics.events, 0)
        kafka.start()
        feed()

        # A topic is deleted, and made anew with fewer partitions.
        kafka.delete(topics.events)
        told("topics")(f"there is no topic '{topics.events}'")
        kafka.create({topics.events: 1})
        feed()
        feed(None)
        status = cluster.rest.status(job_id)
    assert status is not None
    assert (status.restarts, status.cause) == (0, None)
    assert compare_with_recomputation(dataset, dsn, space_id, bundle_dir).ok
