"""Advice that follows a known cause."""

import pytest

from jobs.health.judge_job import judge_job
from jobs.health.reading import JobReading
from jobs.health.verdict import Thresholds
from jobs.runtime.failure_hints import explained

UNUSABLE = "java.lang.NoSuchFieldException: loadedLibraryNames"


def test_health_names_what_makes_every_attempt_fail_after_a_pause():
    reading = JobReading(
        job_id="j",
        state="RESTARTING",
        runs=False,
        cause=UNUSABLE,
        restarts=36,
        recent_failures=16,
        failed_checkpoints=0,
        checkpoint_age_s=755.0,
        has_checkpoint=True,
    )
    sentences = [verdict.sentence for verdict in judge_job(reading, Thresholds())]
    assert "cut off from the JobManager for longer than heartbeat.timeout" in sentences[0]
    assert "restart it (docs/operations.md" in sentences[0]


@pytest.mark.parametrize(
    ("cause", "advice"),
    [
        (
            "org.apache.beam.vendor.grpc.v1p60p1.io.grpc.StatusRuntimeException: CANCELLED: client"
            " cancelled",
            "the encoder's process has ended",
        ),
        (
            "org.apache.beam.vendor.grpc.v1p60p1.io.netty.channel.unix.Errors$NativeIoException:"
            " recvAddress(..) failed: Connection reset by peer",
            "the encoder's process has ended",
        ),
    ],
)
def test_what_says_nothing_to_a_person_is_explained(cause, advice):
    assert advice in explained(cause)
