"""What the doctor says of high availability, by the configuration of a JobManager."""

from collections.abc import Iterator

import pytest

from tests.fakes.job_manager import JobManager, job_manager
from tests.jobs.doctor.conftest import Doctor

APPLICATION = {"execution.target": "embedded"}


@pytest.fixture
def flink() -> Iterator[JobManager]:
    with job_manager() as fake:
        yield fake


def said(doctor: Doctor, flink: JobManager, settings: dict[str, str]) -> list[tuple[str, str, str]]:
    """The findings between that of the version and that of the slots."""
    flink.answers["/jobmanager/config"] = [
        {"key": key, "value": value} for key, value in settings.items()
    ]
    return list(doctor.look(jobmanager=flink.address).of("Cluster")[1:-1])


def test_a_job_manager_that_brings_its_job_and_has_no_standby_is_named(doctor, flink):
    for off in ({}, {"high-availability.type": "NONE"}):
        ((level, found, _),) = said(doctor, flink, APPLICATION | off)
        assert level == "ok"
        assert "--resume" in found


def test_a_cluster_to_which_jobs_are_sent_is_left_alone(doctor, flink):
    assert said(doctor, flink, {}) == []


def test_high_availability_is_named_with_its_folder(doctor, flink):
    for storage in ("file:///data/ha", "/data/ha", "s3://bucket/tmp/ha"):
        ((level, found, _),) = said(
            doctor,
            flink,
            APPLICATION
            | {"high-availability.type": "zookeeper", "high-availability.storageDir": storage},
        )
        assert level == "ok"
        assert f"by zookeeper, with the job in {storage}" in found


def test_a_folder_that_does_not_outlive_the_machine_is_a_warning(doctor, flink):
    for storage in ("file:///tmp/ha", "/tmp/ha", "file:/tmp"):
        ((level, found, advice),) = said(
            doctor,
            flink,
            {"high-availability.type": "kubernetes", "high-availability.storageDir": storage},
        )
        assert level == "warn"
        assert storage in found
        assert "high-availability.storageDir" in advice
