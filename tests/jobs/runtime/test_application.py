"""What the two processes of application mode are started with."""

from pathlib import Path

from interestream.pseudonyms import KEY
from jobs.runtime.application import job_manager, task_manager
from jobs.runtime.environment import flink_home
from jobs.runtime.flink_conf import SECRET_LOGGERS

DSN = "postgresql://somebody:sesame@nowhere/none"


def written(folder: Path) -> str:
    """Every file of configuration that was written."""
    return "".join(file.read_text() for file in (folder / "conf").iterdir())


def test_the_connection_string_is_in_the_job_managers_environment_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("INTERESTREAM_DSN", DSN)
    first = job_manager(tmp_path / "1", "here", DSN, ["--set=a.b=1"], options={})
    second = task_manager(tmp_path / "2", "here", {})
    assert first.environment["INTERESTREAM_DSN"] == DSN
    assert DSN not in second.environment.values()
    assert not any("sesame" in word for word in [*first.command, *second.command])
    assert "sesame" not in written(tmp_path / "1") + written(tmp_path / "2")


def test_the_key_of_pseudonyms_is_in_the_job_managers_environment_alone(tmp_path, monkeypatch):
    monkeypatch.setenv(KEY, "open sesame " * 4)
    first = job_manager(tmp_path / "1", "here", DSN, ["--set=a.b=1"], options={})
    second = task_manager(tmp_path / "2", "here", {})
    assert first.environment[KEY] == "open sesame " * 4
    assert KEY not in second.environment
    assert "sesame" not in written(tmp_path / "1") + written(tmp_path / "2")


def test_the_loggers_that_would_show_it_are_off(tmp_path):
    job_manager(tmp_path, "here", DSN, [], options={})
    console = (tmp_path / "conf" / "log4j-console.properties").read_text()
    for number, name in enumerate(SECRET_LOGGERS):
        assert f"logger.secret{number}.name = {name}\n" in console
        assert f"logger.secret{number}.level = OFF\n" in console


def test_a_task_manager_has_one_slot_and_loads_the_bridge_to_python_once(tmp_path):
    task_manager(tmp_path, "flink-1:6200", {"taskmanager.memory.process.size": "4g"})
    config = (tmp_path / "conf" / "config.yaml").read_text().splitlines()
    assert "jobmanager.rpc.address: flink-1" in config
    assert "jobmanager.rpc.port: 6200" in config
    assert "taskmanager.numberOfTaskSlots: 1" in config
    assert "taskmanager.memory.process.size: 4g" in config
    libraries = {file.name for file in (flink_home() / "lib").glob("*.jar")}
    added = {link.name for link in (tmp_path / "lib").iterdir()} - libraries
    assert len(added) == 1
    assert added.pop().startswith("flink-python-")


def test_a_start_finds_its_folder_as_it_left_it(tmp_path):
    for _ in range(2):
        task_manager(tmp_path, "here", {})
        leftover = tmp_path / "tmp" / "leftover"
        assert not leftover.exists()
        leftover.touch()


def test_a_savepoint_comes_before_the_arguments_of_the_job(tmp_path):
    command = job_manager(
        tmp_path, "here", DSN, ["--set=a.b=1"], savepoint="file:///s", options={}
    ).command
    assert list(command[command.index("--fromSavepoint") :]) == [
        *("--fromSavepoint", "file:///s"),
        *("--pyModule", "jobs.interest_job", "--set=a.b=1"),
    ]
