"""The errors of a first start: one sentence, the right exit code, no traceback."""

import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from jobs.local.stack import job_arguments
from jobs.runtime.environment import job_environment
from jobs.runtime.processes import free_port
from jobs.spaces.build import build_space


def interest_job(
    tmp_path: Path, dsn: str, bundle: Path, *arguments: str, **environment: str
) -> str:
    """The message of a job that cannot start."""
    given = job_arguments(bundle, tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "jobs.interest_job", *given, *arguments],
        env={**job_environment(tmp_path / "log"), "INTERESTREAM_DSN": dsn, **environment},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "\tat " not in done.stdout + done.stderr
    return done.stderr.strip().splitlines()[-1]


@pytest.fixture
def space(dsn: str, bundle_dir: Path) -> int:
    return build_space(dsn, bundle_dir, ["a document", "and another"])


@pytest.mark.cluster
def test_a_port_that_is_taken_is_reported(tmp_path, dsn, space, bundle_dir):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        flink = [f"--flink=rest.port={port}", f"--flink=rest.bind-port={port}"]
        message = interest_job(tmp_path, dsn, bundle_dir, *flink)
    assert message.startswith("interest job: ")
    assert "the port is taken" in message


@pytest.mark.cluster
def test_a_bundle_that_is_not_there_is_reported_before_flink_starts(tmp_path, dsn, space):
    message = interest_job(tmp_path, dsn, tmp_path / "nowhere")
    assert message.startswith(f"interest job: no bundle at {tmp_path / 'nowhere'}: export one with")


@pytest.mark.cluster
def test_a_bundle_of_another_dimension_is_reported_before_flink_starts(tmp_path, dsn, bundle_dir):
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute(
            "SELECT interestream.create_space('big', '1', 'ff', 768,"
            " (SELECT array_agg(0.0) FROM generate_series(1, 768))::real[])"
        )
    message = interest_job(tmp_path, dsn, bundle_dir)
    assert "gives vectors of 384 numbers, the tables of space 1 hold 768" in message


@pytest.mark.cluster
def test_a_java_that_is_not_there_is_reported_before_flink_starts(tmp_path, dsn, space, bundle_dir):
    message = interest_job(tmp_path, dsn, bundle_dir, JAVA_HOME=str(tmp_path))
    assert f"JAVA_HOME is {tmp_path}, which has no bin/java" in message


@pytest.mark.cluster
def test_a_database_that_is_not_there_is_reported(tmp_path, bundle_dir):
    dsn = f"postgresql://postgres:secret@127.0.0.1:{free_port()}/postgres"
    message = interest_job(tmp_path, dsn, bundle_dir, "--set=database.start_wait_s=1")
    assert "Connection refused" in message
    assert "secret" not in message


@pytest.mark.cluster
def test_a_database_without_the_schema_names_the_command_to_run(tmp_path, empty_dsn, bundle_dir):
    assert "interestream apply" in interest_job(tmp_path, empty_dsn, bundle_dir)
