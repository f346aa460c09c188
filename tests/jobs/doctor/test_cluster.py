"""The cluster and its jobs, by what a JobManager answers; a real one is in tests/cluster."""

from collections.abc import Iterator

import orjson
import pytest

from jobs.runtime.kept_cluster import STATE_FILE
from jobs.runtime.processes import free_port
from tests.fakes.job_manager import JOB, JobManager, job_manager


@pytest.fixture
def flink() -> Iterator[JobManager]:
    with job_manager() as fake:
        yield fake


def test_no_cluster_is_a_warning_that_names_both_ways(doctor):
    ((level, _, advice),) = doctor.look().of("Cluster")
    assert level == "warn"
    assert "interestream submit" in advice
    assert "--jobmanager HOST:PORT" in advice


def test_a_cluster_that_has_died_fails(doctor, tmp_path):
    (tmp_path / "cluster").mkdir()
    # Process ids begin at 1, which started at another time.
    state = {"folder": str(tmp_path), "pid": 1, "started": 0.0, "rest_port": 1, "task_managers": 1}
    (tmp_path / "cluster" / STATE_FILE).write_bytes(orjson.dumps(state))
    ((level, found, advice),) = doctor.look().of("Cluster")
    assert level == "fail"
    assert found.endswith("has died")
    assert "`interestream submit --resume` starts another" in advice


def test_an_address_without_a_jobmanager_fails(doctor):
    port = free_port()
    ((level, found, _),) = doctor.look(jobmanager=f"127.0.0.1:{port}").of("Cluster")
    assert (level, found) == ("fail", f"no JobManager answers at http://127.0.0.1:{port}")
    ((level, found, _),) = doctor.look(jobmanager="flink").of("Cluster")
    assert (level, found) == ("fail", "--jobmanager reads HOST:PORT, which 'flink' is not")


def test_a_cluster_with_a_free_slot_is_ready(doctor, flink):
    page = doctor.look(jobmanager=flink.address)
    assert page.of("Cluster") == [
        ("ok", f"Flink 2.3.0 answers at http://{flink.address}", ""),
        ("ok", "1 TaskManager, 1 free slot, the job needs 1 (batching.parallelism)", ""),
    ]
    assert page.of("Job")[0][:2] == ("warn", "no job was submitted to this cluster")


def test_a_cluster_that_does_not_outlast_a_pause_is_a_warning(doctor, flink):
    flink.add_job("CANCELED")
    library = "/opt/flink/lib/flink-dist-2.3.0.jar"
    flink.answers["/jobmanager/environment"] = {"classpath": [library]}
    warnings = doctor.look(jobmanager=flink.address).of("Cluster")[1:]
    assert [level for level, _, _ in warnings] == ["warn", "fail", "warn"]
    assert "cannot take its job up again" in warnings[0][1]
    assert "docs/operations.md" in warnings[0][2]


def test_with_the_library_a_used_taskmanager_counts(doctor, flink):
    flink.add_job("CANCELED")
    library = "/opt/flink/lib/flink-python-2.3.0.jar"
    flink.answers["/jobmanager/environment"] = {"classpath": [library]}
    (slots,) = doctor.look(jobmanager=flink.address).of("Cluster")[1:]
    assert slots == ("ok", "1 TaskManager, 1 free slot, the job needs 1 (batching.parallelism)", "")


def test_too_few_slots_fail_with_how_many_to_add(doctor, flink):
    page = doctor.look("batching.parallelism=3", jobmanager=flink.address)
    level, found, advice = page.of("Cluster")[1]
    assert (level, found) == (
        "fail",
        "1 TaskManager, 1 free slot, the job needs 3 (batching.parallelism)",
    )
    assert advice.startswith("start 2 more TaskManagers")


def test_another_version_of_flink_fails(doctor, flink):
    flink.answers["/config"] = {"flink-version": "2.2.0"}
    assert doctor.look(jobmanager=flink.address).of("Cluster")[0][0] == "fail"


def test_used_up_taskmanagers_do_not_count(doctor, flink):
    flink.add_job("CANCELED")
    page = doctor.look(jobmanager=flink.address)
    slots, used = page.of("Cluster")[1:]
    assert slots[:2] == (
        "fail",
        "1 TaskManager, 0 free slots, the job needs 1 (batching.parallelism)",
    )
    assert used == (
        "warn",
        "TaskManagers that are used up, since each takes one job in its life: 1",
        "restart these TaskManagers",
    )
    assert page.of("Job")[0][:2] == ("warn", f"interestream space 1, job {JOB}, is canceled")


def test_a_running_job_holds_its_slots(doctor, flink):
    flink.add_job("RUNNING")
    flink.answers["/taskmanagers"] = {"taskmanagers": [{"id": "worker-0", "freeSlots": 0}]}
    page = doctor.look(jobmanager=flink.address)
    assert page.of("Cluster")[1][:2] == ("ok", "1 TaskManager, 0 free slots; the job has its slots")
    assert page.of("Job") == [
        ("ok", f"interestream space 1, job {JOB}, runs, without a restart", "")
    ]


@pytest.mark.parametrize(("state", "task"), [("RESTARTING", "CANCELED"), ("RUNNING", "DEPLOYING")])
def test_a_job_that_restarts_fails_with_its_root_cause_and_advice(doctor, flink, state, task):
    trace = "a.B: outer\n\tat x\nCaused by: java.io.IOException: No space left on device\n\tat y"
    flink.add_job(state, task=task, restarts=4, trace=trace)
    ((level, found, advice),) = doctor.look(jobmanager=flink.address).of("Job")
    assert level == "fail"
    assert found.endswith("(restarts so far: 4): java.io.IOException: No space left on device")
    assert advice.startswith("the disk is full")


def test_a_cause_that_holds_the_password_is_shown_without_it(doctor, flink):
    dsn = f"postgresql://ada:s3cret@127.0.0.1:{free_port()}/shop"
    flink.add_job("FAILED", trace=f"x.Y: cannot connect to {dsn} with s3cret")
    page = doctor.look(jobmanager=flink.address, dsn=dsn)
    assert page.of("Job")[0][0] == "fail"
    assert "postgresql://ada:***@127.0.0.1" in page.of("Job")[0][1]
    assert "s3cret" not in page.text()


def test_a_job_that_starts_and_one_that_restarted_once_are_warnings(doctor, flink):
    flink.add_job("RUNNING", task="DEPLOYING")
    assert doctor.look(jobmanager=flink.address).of("Job")[0][0] == "warn"
    flink.add_job("RUNNING", restarts=1, trace="x.Y: boom")
    level, found, advice = doctor.look(jobmanager=flink.address).of("Job")[0]
    assert level == "warn"
    assert found.endswith("runs after 1 restart; the last cause: x.Y: boom")
    assert f"/#/job/running/{JOB}/exceptions" in advice


def test_jobs_of_others_are_not_judged(doctor, flink):
    other = {"jid": "b1", "name": "their job", "state": "RESTARTING", "start-time": 2}
    flink.answers["/jobs/overview"] = {"jobs": [other]}
    assert (
        doctor.look(jobmanager=flink.address).of("Job")[0][1]
        == "no job was submitted to this cluster"
    )


def test_a_cluster_that_sets_the_folder_of_checkpoints_is_enough(doctor, flink):
    flink.answers["/jobmanager/config"] = [
        {"key": "execution.checkpointing.dir", "value": "s3://state/checkpoints"}
    ]
    assert doctor.look(jobmanager=flink.address).of("Checkpoints") == [
        ("ok", "the cluster keeps them in s3://state/checkpoints", "")
    ]


def test_an_answer_that_makes_no_sense_breaks_one_line_only(doctor, flink):
    flink.answers["/taskmanagers"] = {"taskmanagers": [{"id": "worker-0"}]}
    page = doctor.look(jobmanager=flink.address)
    ((level, found, advice),) = page.of("Cluster")
    assert level == "fail"
    assert "this check has broken (KeyError: 'freeSlots')" in found
    assert "report this line" in advice
    assert page.of("Disk")[0][0] == "ok"


def test_a_job_whose_taskmanager_has_ended_fails_before_the_restart_is_counted(doctor, flink):
    flink.add_job("RUNNING", task="SCHEDULED", trace="x.Y: TaskManager worker-0 is gone")
    flink.answers["/taskmanagers"] = {"taskmanagers": []}
    page = doctor.look(jobmanager=flink.address)
    assert page.of("Cluster")[1] == (
        "fail",
        "0 TaskManagers, 0 free slots: the job waits for slots",
        "start TaskManagers",
    )
    level, found, _ = page.of("Job")[0]
    assert level == "fail"
    assert found.endswith("(restarts so far: 0): x.Y: TaskManager worker-0 is gone")
