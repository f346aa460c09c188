"""The commands of the compose file are ones that the command line takes."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyOptions

import jobs.monitoring
from jobs.config import load_config
from tests.docker.command_line import options_of

MONITORING = Path(jobs.monitoring.__path__[0])
COMPOSE = Path(__file__).parents[2] / "docker" / "compose.yaml"


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def problem(text: str) -> str | None:
    """What the Compose Specification has against `text`; None if nothing."""
    try:
        PyOptions(apply_merge=True).from_yaml(text).validate()
    except ValueError as error:
        return str(error)
    return None


def test_it_follows_the_compose_specification() -> None:
    assert problem(COMPOSE.read_text()) is None


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("healthcheck:", "heathcheck:"),
        ("retries: 30", "retries: often"),
        ("service_healthy", "service_well"),
        ("restart: always", "restart: daily"),
        ("volumes:\n  data:", "volumes:\n  date:"),
    ],
)
def test_the_specification_notices_a_mistake(right: str, wrong: str) -> None:
    text = COMPOSE.read_text()
    assert right in text
    assert problem(text.replace(right, wrong)) is not None


def test_each_service_waits_for_one_that_there_is(services: dict[str, Any]) -> None:
    waited_for = {name for each in services.values() for name in each.get("depends_on", {})}
    assert waited_for == {"postgres"} <= services.keys()


def test_each_image_is_built_from_a_file_that_there_is(services: dict[str, Any]) -> None:
    builds = [each["build"] for each in services.values() if "build" in each]
    assert {build["context"] for build in builds} == {".."}
    files = {COMPOSE.parents[1] / build["dockerfile"] for build in builds}
    assert files == set(COMPOSE.parent.glob("*.Dockerfile"))


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


def test_prometheus_and_grafana_read_files_that_there_are(services: dict[str, Any]) -> None:
    mounted = [
        volume.split(":")
        for name in ("prometheus", "grafana")
        for volume in services[name]["volumes"]
        if volume.startswith("..")
    ]
    assert len(mounted) == 5
    for source, _, mode in mounted:
        assert (COMPOSE.parent / source).is_file(), source
        assert mode == "ro"


def test_prometheus_scrapes_the_services_at_their_ports(services: dict[str, Any]) -> None:
    jobs = yaml.safe_load((MONITORING / "prometheus.yml").read_text())["scrape_configs"]
    serve, flink = jobs
    host, _, port = serve["static_configs"][0]["targets"][0].partition(":")
    config = load_config(None, options_of(services[host]["command"])["override"])
    assert config.serve.port == int(port)
    (names,) = flink["dns_sd_configs"]
    for name in names["names"]:
        config = load_config(None, options_of(services[name]["command"])["override"])
        assert config.metrics.prometheus_port == names["port"]
    source = yaml.safe_load((MONITORING / "grafana" / "datasource.yml").read_text())
    assert source["datasources"][0]["url"] == "http://prometheus:9090"


def test_nothing_of_monitoring_starts_unless_it_is_asked_for(services: dict[str, Any]) -> None:
    for name in ("serve", "prometheus", "grafana"):
        assert services[name]["profiles"] == ["monitoring"]
        assert all(port.startswith("127.0.0.1:") for port in services[name]["ports"])


def test_the_schema_comes_before_the_job(services: dict[str, Any]) -> None:
    assert services["command"]["command"] == ["interestream", "apply"]
