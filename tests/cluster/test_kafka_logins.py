"""The job reads topics behind a login and TLS; a wrong password ends it with one sentence."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from jobs.config import load_config
from jobs.errors import EnvironmentNotReadyError, JobFailedError
from jobs.health import look_at_topics
from jobs.health.look_at_topics import TopicsOfJob
from jobs.kafka_topics import KafkaTopics
from jobs.local.stack import job_arguments
from jobs.runtime.in_process import InProcessJob
from jobs.secret_values import KAFKA_PROPERTIES
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import build_space
from tests.builders import event_line, item_line
from tests.cluster.test_kafka import settings_of, until
from tests.fixtures.kafka_logins import PASSWORD, LoginBroker

WRONG = "s3cret but wrong"


@pytest.mark.cluster
@pytest.mark.long
def test_a_job_with_a_login_reads_what_replay_feeds_and_one_with_a_wrong_password_says_so(
    kafka_logins: LoginBroker,
    kafka_connectors: Path,
    dsn: str,
    bundle_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    topics = KafkaTopics(
        bootstrap=kafka_logins.address, events="job.events", items="job.items", control="job.ctl"
    )
    kafka_logins.broker.create(dict.fromkeys((topics.events, topics.items, topics.control), 2))
    space_id = build_space(dsn, bundle_dir, ["A book about tea", "A book about chess"], sample=2)
    settings = settings_of(topics, kafka_connectors)
    arguments = job_arguments(bundle_dir, tmp_path, settings)

    # First the wrong one: the broker forgets no login that it has taken.
    monkeypatch.setenv(KAFKA_PROPERTIES, kafka_logins.client_properties("SCRAM-SHA-512", WRONG))
    with (
        InProcessJob(arguments, dsn, tmp_path / "wrong") as job,
        pytest.raises(JobFailedError) as raised,
    ):
        job.wait_running()
    assert f"the brokers at {topics.bootstrap} refuse the login (" in str(raised.value)
    assert "check user, password and sasl.mechanism in INTERESTREAM_KAFKA_PROPERTIES" in str(
        raised.value
    )
    assert WRONG not in str(raised.value)
    assert_hidden(WRONG, tmp_path / "wrong")

    monkeypatch.setenv(KAFKA_PROPERTIES, kafka_logins.client_properties("SCRAM-SHA-512"))
    data = tmp_path / "data"
    data.mkdir()
    (data / "items.jsonl").write_bytes(item_line("tea", title="A book about tea") + b"\n")
    events = [event_line(str(n), item_id="tea", user_id=f"u{n}") + b"\n" for n in range(7)]
    (data / "events.jsonl").write_bytes(b"".join(events))
    with InProcessJob(arguments, dsn, tmp_path / "job") as job:
        job.wait_running()
        done = subprocess.run(
            [
                *(sys.executable, "-m", "jobs.cli", "replay", str(data), "--json"),
                *(f"--set={setting}" for setting in settings),
            ],
            capture_output=True,
            check=False,
            timeout=300,
            env={**os.environ, "INTERESTREAM_DSN": dsn},
        )
        assert done.returncode == 0, done.stderr.decode()
        assert_lag_is_known(load_config(None, settings).sources.kafka, space_id, job, monkeypatch)
        with psycopg.connect(dsn, autocommit=True) as db:
            events_read = read_progress(db, space_id)["events"]
    report = json.loads(done.stdout)
    assert (report["fed"]["items"]["accepted"], report["fed"]["events"]["accepted"]) == (1, 7)
    assert (events_read.records_in, events_read.applied) == (7, 7)
    assert_hidden(PASSWORD, tmp_path / "job")


def assert_lag_is_known(
    topics: KafkaTopics, space_id: int, job: InProcessJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The brokers, asked with the login, say that nothing waits, and so does Flink."""
    (job_id,) = job.rest.jobs()
    of_job = TopicsOfJob(topics, space_id, job.rest, job_id)

    def unread() -> dict[str, int]:
        return {stream: topic.unread for stream, topic in (of_job.look() or {}).items()}

    # The brokers learn it with the next checkpoint.
    until(lambda: unread() == {"events": 0, "items": 0, "control": 0}, lambda: str(unread()))

    def missing(*_: object) -> None:
        raise EnvironmentNotReadyError("the package is missing")

    monkeypatch.setattr(look_at_topics, "read_topics", missing)
    # Of control nothing was ever read, so Flink has no number of it.
    until(
        lambda: unread() == {"events": 0, "items": 0},
        lambda: str(job.rest.metrics(job_id, "pendingRecords")),
    )


def assert_hidden(secret: str, folder: Path) -> None:
    """No log of a job holds the password, nor the form that it has within the settings."""
    logs = [file.read_text(errors="replace") for file in (folder / "log").iterdir()]
    assert any("sasl.jaas.config = [hidden]" in log for log in logs)
    for form in (secret, secret.replace('"', r"\"")):
        assert not any(form in log for log in logs)
