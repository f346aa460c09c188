"""The commands of the compose file are ones that the command line takes."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs.config import load_config
from tests.docker.command_line import options_of

COMPOSE = Path(__file__).parents[2] / "docker" / "compose.yaml"


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def test_the_job_manager_goes_on_from_the_newest_state(services: dict[str, Any]) -> None:
    options = options_of(services["jobmanager"]["command"])
    assert options["host"] == "jobmanager"
    assert options["resume"]
    config = load_config(None, options["override"])
    assert config.checkpoints.directory == Path("/data/checkpoints")


def test_the_task_manager_finds_the_job_manager_and_knows_no_database(
    services: dict[str, Any],
) -> None:
    options = options_of(services["taskmanager"]["command"])
    assert options["jobmanager"] in services
    assert services["taskmanager"]["environment"] == {}
    assert services["taskmanager"]["restart"] == "always"


def test_the_schema_comes_before_the_job(services: dict[str, Any]) -> None:
    assert services["command"]["command"] == ["interestream", "apply"]
