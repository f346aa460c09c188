"""The judgement of what was read, at named ages."""

from dataclasses import replace

import pytest

from jobs.errors import ConfigError
from jobs.health.judge import judge_progress
from jobs.health.judge_job import judge_job
from jobs.health.reading import JobReading, Reading, StreamReading
from jobs.health.verdict import Limits, State, Thresholds, Verdict, parse_limits
from jobs.runtime.stream_folders import FolderFault

THRESHOLDS = Thresholds()
RUNNING = JobReading(
    job_id="a1",
    state="RUNNING",
    runs=True,
    cause="",
    restarts=0,
    recent_failures=0,
    failed_checkpoints=0,
    checkpoint_age_s=8.0,
    has_checkpoint=True,
)
MINUTE = 60.0
HOUR = 3600.0


def events(*, commit_age_s: float = 1.0, waiting: int = 0, dead: int = 0) -> StreamReading:
    return StreamReading(1_000, waiting, dead, commit_age_s)


def progress(**fields: object) -> dict[str, Verdict]:
    reading = replace(Reading(1, {"events": events()}), **fields)  # type: ignore[arg-type]
    return {verdict.check: verdict for verdict in judge_progress(reading, THRESHOLDS)}


def job(**fields: object) -> dict[str, Verdict]:
    reading = replace(RUNNING, **fields)  # type: ignore[arg-type]
    return {verdict.check: verdict for verdict in judge_job(reading, THRESHOLDS)}


def test_a_job_that_commits_is_ok():
    assert {verdict.state for verdict in progress(job=RUNNING).values()} == {State.OK}
    assert {verdict.state for verdict in job().values()} == {State.OK}


@pytest.mark.parametrize(
    ("age_s", "state"),
    [(59.0, State.OK), (60.0, State.WARNING), (299.0, State.WARNING), (300.0, State.CRITICAL)],
)
def test_without_other_evidence_the_age_of_the_commit_decides(age_s, state):
    commit = progress(streams={"events": events(commit_age_s=age_s)})["commit"]
    assert commit.state is state
    assert ("--streams or --jobmanager" in commit.sentence) is (state is not State.OK)


def test_an_old_commit_is_ok_where_no_file_is_newer():
    found = progress(
        streams={"events": events(commit_age_s=5 * HOUR)},
        file_ages_s={"events": (6 * HOUR, 9 * HOUR), "items": (), "control": ()},
    )
    assert (found["commit"].state, found["lag"].state) == (State.OK, State.OK)
    assert found["commit"].sentence == (
        "the newest commit to space 1 is 5 h old, and no file waits"
    )


def test_a_file_that_has_just_come_to_an_idle_job_is_no_alarm():
    found = progress(
        streams={"events": events(commit_age_s=5 * HOUR)}, file_ages_s={"events": (0.2,)}
    )
    assert (found["commit"].state, found["lag"].state) == (State.OK, State.OK)


def test_a_file_that_nobody_reads_is_critical_however_many_are_older():
    found = progress(
        streams={"events": events(commit_age_s=HOUR)},
        file_ages_s={"events": (2 * HOUR, 10 * MINUTE, 1.0)},
    )
    assert (found["commit"].state, found["lag"].state) == (State.CRITICAL, State.CRITICAL)
    assert found["lag"].value == 10 * MINUTE


def test_each_stream_is_compared_with_its_own_commits():
    found = progress(
        streams={"events": events(), "items": events(commit_age_s=HOUR)},
        file_ages_s={"events": (HOUR,), "items": (45.0,)},
    )
    assert found["lag"].state is State.WARNING
    assert "of items" in found["lag"].sentence
    # Events were committed a second ago.
    assert found["commit"].state is State.OK


def test_an_old_commit_is_ok_while_checkpoints_complete():
    streams = {"events": events(commit_age_s=5 * HOUR)}
    idle = progress(streams=streams, job=RUNNING, cluster_known=True)["commit"]
    assert idle.state is State.OK
    assert "checkpoints complete" in idle.sentence


@pytest.mark.parametrize(
    "fields",
    [
        {"checkpoint_age_s": 60.0},
        {"runs": False, "state": "RESTARTING"},
        {"has_checkpoint": False, "checkpoint_age_s": 1.0},
    ],
)
def test_a_job_that_completes_no_checkpoint_does_not_pass_for_idle(fields):
    streams = {"events": events(commit_age_s=5 * HOUR)}
    stuck = replace(RUNNING, **fields)
    found = progress(streams=streams, job=stuck, cluster_known=True)
    assert found["commit"].state is State.CRITICAL


def test_a_space_without_a_commit_is_ok_as_long_as_nothing_waits():
    nothing = {"events": (), "items": (), "control": ()}
    assert progress(streams={}, file_ages_s=nothing)["commit"].state is State.OK
    assert progress(streams={})["commit"].state is State.WARNING
    waiting = progress(streams={}, file_ages_s={**nothing, "items": (400.0,)})
    assert waiting["commit"].state is State.CRITICAL
    assert waiting["commit"].sentence == (
        "nothing was ever committed to space 1, and a file has waited for 7 min"
    )


@pytest.mark.parametrize(
    ("count", "state"), [(99, State.OK), (100, State.WARNING), (300, State.CRITICAL)]
)
def test_the_share_of_waiting_records_is_judged(count, state):
    found = progress(streams={"events": events(waiting=count)})["waiting"]
    assert found.state is state
    assert f"({count} of 1,000)" in found.sentence


def test_the_stream_with_the_largest_share_of_dead_letters_decides():
    found = progress(streams={"events": events(dead=10), "items": events(dead=200)})
    assert found["dead letters"].state is State.CRITICAL
    assert found["dead letters"].sentence == (
        "20.0% of the records of items are dead letters (200 of 1,000)"
    )


def test_a_share_of_few_records_is_not_judged():
    few = StreamReading(records_in=99, waiting=99, dead_letters=99, commit_age_s=1.0)
    found = progress(streams={"events": few})
    assert (found["waiting"].state, found["dead letters"].state) == (State.OK, State.OK)


@pytest.mark.parametrize(
    ("fields", "check", "state"),
    [
        ({"runs": False, "state": "RESTARTING", "cause": "boom"}, "job", State.CRITICAL),
        ({"runs": False, "state": "FAILING"}, "job", State.CRITICAL),
        ({"runs": False}, "job", State.WARNING),
        ({"runs": False, "recent_failures": 1}, "job", State.CRITICAL),
        ({"recent_failures": 1}, "restarts", State.WARNING),
        ({"recent_failures": 5}, "restarts", State.CRITICAL),
        ({"restarts": 40}, "restarts", State.OK),
        ({"failed_checkpoints": 1}, "failed checkpoints", State.WARNING),
        ({"failed_checkpoints": 3}, "failed checkpoints", State.CRITICAL),
        ({"checkpoint_age_s": 59.9}, "checkpoint", State.OK),
        ({"checkpoint_age_s": 60.0}, "checkpoint", State.WARNING),
        ({"checkpoint_age_s": 300.0}, "checkpoint", State.CRITICAL),
    ],
)
def test_what_flink_says_is_judged(fields, check, state):
    assert job(**fields)[check].state is state


def test_a_restarting_job_says_why_and_what_to_do():
    found = job(runs=False, state="RESTARTING", cause="x.Y: No space left on device")
    assert found["job"].sentence.startswith(
        "job a1 is restarting: x.Y: No space left on device - the disk is full"
    )


@pytest.mark.parametrize("text", ["", "5", "5:", "a:b", "300:60", "0:5", "-1:5", "1:inf", "nan:5"])
def test_limits_that_make_no_sense_are_refused(text):
    with pytest.raises(ConfigError, match="60:300"):
        parse_limits(text)


def test_equal_limits_have_no_warning():
    assert parse_limits("5:5") == Limits(5, 5)
    assert Limits(5, 5).judge(5) is State.CRITICAL


def test_failed_checkpoints_say_why_and_what_to_do():
    found = job(failed_checkpoints=2, checkpoint_failure="Asynchronous task checkpoint failed.")
    sentence = found["failed checkpoints"].sentence
    assert sentence.startswith(
        "checkpoints that failed since the newest completed one: 2; the last one: Asynchronous"
    )
    assert "see whether the disk of checkpoints.directory is full" in sentence
    assert "the last one" not in job(failed_checkpoints=2)["failed checkpoints"].sentence


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (FolderFault.GONE, State.CRITICAL),
        (FolderFault.CLOSED, State.CRITICAL),
        (FolderFault.NOT_FOR_US, State.WARNING),
    ],
)
def test_a_folder_that_cannot_be_read_is_told_since_flink_does_not(fault, state):
    folder = progress(folder_faults={"events": fault})["folder"]
    assert folder.state is state
    assert folder.sentence.startswith(f"the folder of the stream events {fault.value}: Flink")


def test_a_folder_that_the_job_has_never_read_from_may_be_missing():
    assert "folder" not in progress(folder_faults={"items": FolderFault.GONE})


def test_files_that_wait_while_no_task_hangs_point_to_the_rights_of_the_job():
    waiting = {"events": (200.0,)}
    old = {"events": events(commit_age_s=HOUR)}
    hint = "see whether the job's user may read the folder"
    lag = progress(streams=old, file_ages_s=waiting, job=RUNNING)["lag"]
    assert lag.state is State.CRITICAL
    assert hint in lag.sentence
    stuck = replace(RUNNING, checkpoint_age_s=HOUR)
    assert hint not in progress(streams=old, file_ages_s=waiting, job=stuck)["lag"].sentence
