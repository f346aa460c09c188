"""Advice that follows a known cause."""

from jobs.health.judge_job import judge_job
from jobs.health.reading import JobReading
from jobs.health.verdict import Thresholds

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
