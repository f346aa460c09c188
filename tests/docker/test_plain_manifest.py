"""The manifest without the operator: its commands, names and ports fit each other."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs.cli.options import flink_pairs
from jobs.config import load_config
from jobs.runtime.application import RPC_PORT
from tests.docker.command_line import options_of

KUBERNETES = Path(__file__).parents[2] / "docker" / "kubernetes"


@pytest.fixture(scope="module")
def parts() -> dict[str, Any]:
    """The parts by their kind."""
    documents = yaml.safe_load_all((KUBERNETES / "plain.yaml").read_text())
    return {document["kind"]: document for document in documents}


def container(part: dict[str, Any]) -> dict[str, Any]:
    (found,) = part["spec"]["template"]["spec"]["containers"]
    return dict(found)


def test_the_commands_are_ones_that_the_command_line_takes(parts: dict[str, Any]) -> None:
    job_manager = options_of(container(parts["Job"])["command"])
    task_manager = options_of(container(parts["Deployment"])["command"])
    assert job_manager["resume"]
    assert job_manager["host"] == task_manager["jobmanager"] == parts["Service"]["metadata"]["name"]
    config = load_config(None, job_manager["override"])
    assert config.checkpoints.directory is not None
    assert config.batching.parallelism == parts["Deployment"]["spec"]["replicas"]


def test_the_service_has_each_port_that_is_asked(parts: dict[str, Any]) -> None:
    options = flink_pairs(options_of(container(parts["Job"])["command"])["option"])
    ports = {port["port"] for port in parts["Service"]["spec"]["ports"]}
    assert ports == {RPC_PORT, int(options["blob.server.port"]), 8081}
    assert ports == {port["containerPort"] for port in container(parts["Job"])["ports"]}
    assert options["jobmanager.bind-host"] == options["rest.bind-address"] == "0.0.0.0"


def test_each_selector_finds_its_pods(parts: dict[str, Any]) -> None:
    labels = {
        kind: parts[kind]["spec"]["template"]["metadata"]["labels"]
        for kind in ("Job", "Deployment")
    }
    assert parts["Service"]["spec"]["selector"] == labels["Job"] != labels["Deployment"]
    assert parts["Deployment"]["spec"]["selector"]["matchLabels"] == labels["Deployment"]


def test_it_shares_image_volume_and_secret_with_the_operators_manifest(
    parts: dict[str, Any],
) -> None:
    operators = yaml.safe_load((KUBERNETES / "job.yaml").read_text())["spec"]
    pod = operators["podTemplate"]["spec"]
    (job_container,) = operators["jobManager"]["podTemplate"]["spec"]["containers"]
    assert container(parts["Job"])["env"] == job_container["env"]
    assert "env" not in container(parts["Deployment"])
    for kind in ("Job", "Deployment"):
        found = parts[kind]["spec"]["template"]["spec"]
        assert container(parts[kind])["image"] == operators["image"]
        assert found["volumes"] == pod["volumes"]
        assert container(parts[kind])["volumeMounts"] == pod["containers"][0]["volumeMounts"]
        assert pod["securityContext"].items() <= found["securityContext"].items()


def test_a_stopped_job_stays_stopped_and_a_failed_one_is_started_again(
    parts: dict[str, Any],
) -> None:
    assert parts["Job"]["spec"]["template"]["spec"]["restartPolicy"] == "OnFailure"
    assert parts["Job"]["spec"]["backoffLimit"] >= 10_000


def test_the_memory_of_flink_fits_into_its_containers(parts: dict[str, Any]) -> None:
    for kind, flinks_mb in (("Job", 1600), ("Deployment", 3 * 1024)):
        limit = re.fullmatch(r"(\d+)Gi", container(parts[kind])["resources"]["limits"]["memory"])
        assert limit is not None
        assert int(limit[1]) * 1024 > flinks_mb
