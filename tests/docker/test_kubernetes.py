"""The manifest for the Kubernetes operator names what the job, the image and Flink know."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import yaml

from bench.monitoring.manifest import FILE, made
from bench.monitoring.prometheus import RULES
from jobs.config import load_config
from jobs.metrics.settings import Metrics
from jobs.runtime.application import DRIVER
from jobs.runtime.environment import flink_home, job_environment
from jobs.runtime.flink_conf import SECRET_LOGGERS, write_conf
from jobs.runtime.flink_options import CLUSTER_OPTIONS, reporter_options
from tests.docker.command_line import options_of

DOCKER = Path(__file__).parents[2] / "docker"
MONITORING = {
    each["kind"]: each["spec"]
    for each in yaml.safe_load_all((DOCKER / "kubernetes" / "monitoring.yaml").read_text())
}
SERVE = {
    each["kind"]: each
    for each in yaml.safe_load_all((DOCKER / "kubernetes" / "serve.yaml").read_text())
}
DOCKERFILE = (DOCKER / "job.Dockerfile").read_text()


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    manifest = yaml.safe_load((DOCKER / "kubernetes" / "job.yaml").read_text())
    assert manifest["kind"] == "FlinkDeployment"
    found: dict[str, Any] = manifest["spec"]
    return found


def container(pod_template: dict[str, Any]) -> dict[str, Any]:
    """The container that Flink runs in; the operator knows it by this name."""
    (found,) = pod_template["spec"]["containers"]
    assert found["name"] == "flink-main-container"
    return dict(found)


def option_classes() -> Iterator[bytes]:
    """The classes in which Flink declares its options."""
    library = re.compile(r"org/apache/flink/(.*/)?\w*(Options|Configuration)\w*\.class")
    for jar in [*flink_home().glob("lib/flink-dist*.jar"), *flink_home().glob("opt/*python*.jar")]:
        with ZipFile(jar) as archive:
            yield from (archive.read(name) for name in archive.namelist() if library.match(name))


def test_flink_knows_every_option(spec: dict[str, Any]) -> None:
    # A reporter's own options carry its name.
    others = ("kubernetes.operator.", "metrics.reporter.")
    options = {key for key in spec["flinkConfiguration"] if not key.startswith(others)}
    assert len(options) > 8
    declared = list(option_classes())
    assert {key for key in options if not any(key.encode() in each for each in declared)} == set()
    assert not any(b"execution.checkpointing.dirs" in each for each in declared)


def test_flink_can_divide_the_memory(spec: dict[str, Any], tmp_path: Path) -> None:
    size = spec["taskManager"]["resource"]["memory"]
    options = {**spec["flinkConfiguration"], "taskmanager.memory.process.size": size}
    write_conf(tmp_path, options)
    home = flink_home()
    libraries = f"{home}/bin/bash-java-utils.jar:{next(home.glob('lib/flink-dist*.jar'))}"
    tool = "org.apache.flink.runtime.util.bash.BashJavaUtils"
    done = subprocess.run(
        ["java", "-cp", libraries, tool, "GET_TM_RESOURCE_PARAMS", "--configDir", str(tmp_path)],
        env=job_environment(tmp_path / "log"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "taskmanager.memory.managed.size" in done.stdout


def test_the_options_are_those_of_the_other_ways_to_run_it(spec: dict[str, Any]) -> None:
    options = spec["flinkConfiguration"]
    assert CLUSTER_OPTIONS.items() <= options.items()
    # A TaskManager of several slots would run two thread-mode subtasks.
    assert options["taskmanager.numberOfTaskSlots"] == "1"


def test_prometheus_reads_the_job_at_the_port_that_its_pods_name(spec: dict[str, Any]) -> None:
    options = spec["flinkConfiguration"]
    (port,) = container(spec["podTemplate"])["ports"]
    assert options["metrics.reporter.prom.port"] == str(port["containerPort"])
    expected = reporter_options(Metrics(prometheus_port=port["containerPort"]))
    del expected["metrics.reporter.prom.port"]
    assert expected.items() <= options.items()
    assert port["name"] == MONITORING["PodMonitor"]["podMetricsEndpoints"][0]["port"]


def test_the_rules_of_the_operator_are_those_of_the_package() -> None:
    assert FILE.read_text() == made(), "python -m bench.monitoring.manifest"
    assert MONITORING["PrometheusRule"] == yaml.safe_load(RULES.read_text())


def test_the_monitors_find_the_pods_and_name_the_jobs_that_the_rules_use() -> None:
    service = SERVE["Service"]
    monitor = MONITORING["ServiceMonitor"]
    assert monitor["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert monitor["endpoints"][0]["port"] == service["spec"]["ports"][0]["name"]
    (endpoint,) = MONITORING["PodMonitor"]["podMetricsEndpoints"]
    jobs = {service["metadata"]["name"], endpoint["relabelings"][0]["replacement"]}
    assert set(re.findall(r'job="([\w-]+)"', RULES.read_text())) == jobs


def test_serve_can_be_started_so_and_reads_alone() -> None:
    pod = SERVE["Deployment"]["spec"]["template"]
    assert SERVE["Service"]["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    (serving,) = pod["spec"]["containers"]
    program, *words = serving["command"]
    assert program == "/opt/venv/bin/interestream"
    options = options_of(["interestream", *words])
    config = load_config(None, options["override"])
    assert config.serve.port == serving["ports"][0]["containerPort"]
    (data,) = [each for each in serving["volumeMounts"] if each["name"] == "data"]
    assert data["readOnly"]
    assert config.checkpoints.directory == Path(data["mountPath"]) / "checkpoints"


def test_the_job_can_be_configured_so(spec: dict[str, Any]) -> None:
    job = spec["job"]
    assert job["entryClass"] == DRIVER
    client, python, module, name, *settings = job["args"]
    assert (client, module, name) == ("-pyclientexec", "-pym", "jobs.interest_job")
    assert python == spec["flinkConfiguration"]["python.client.executable"]
    assert all(setting.startswith("--set=") for setting in settings)
    config = load_config(None, [setting.removeprefix("--set=") for setting in settings])
    assert config.batching.parallelism == job["parallelism"]
    # The operator looks for checkpoints where the cluster's options say.
    assert config.checkpoints.directory is None


def test_the_image_has_what_the_manifest_names(spec: dict[str, Any]) -> None:
    home = re.search(r"FLINK_HOME=(\S+)", DOCKERFILE)
    assert home is not None
    options = spec["flinkConfiguration"]
    assert options["kubernetes.flink.conf.dir"] == f"{home[1]}/conf"
    library = spec["job"]["jarURI"].removeprefix(f"local://{home[1]}/")
    assert (flink_home() / library).is_file()
    user = spec["podTemplate"]["spec"]["securityContext"]["runAsUser"]
    assert f"useradd --uid {user} " in DOCKERFILE


def test_the_connection_string_comes_from_the_secret_and_is_in_no_log(
    spec: dict[str, Any],
) -> None:
    (variable,) = container(spec["jobManager"]["podTemplate"])["env"]
    assert variable["name"] == "INTERESTREAM_DSN"
    reference = variable["valueFrom"]["secretKeyRef"]
    secret = yaml.safe_load((DOCKER / "kubernetes" / "secret.example.yaml").read_text())
    assert reference["name"] == secret["metadata"]["name"]
    assert reference["key"] in secret["stringData"]
    assert "env" not in container(spec["podTemplate"])
    lines = spec["logConfiguration"]["log4j-console.properties"].splitlines()
    logging = dict(line.split(" = ", 1) for line in lines)
    off = {
        value
        for key, value in logging.items()
        if key.endswith(".name") and logging.get(key.replace(".name", ".level")) == "OFF"
    }
    assert off == set(SECRET_LOGGERS)


def test_every_folder_lies_on_the_volume(spec: dict[str, Any]) -> None:
    claim = yaml.safe_load((DOCKER / "kubernetes" / "volume.yaml").read_text())
    volume, scratch = spec["podTemplate"]["spec"]["volumes"]
    assert scratch.keys() == {"name", "emptyDir"}
    assert volume["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    mount, _ = container(spec["podTemplate"])["volumeMounts"]
    assert mount["name"] == volume["name"]
    folders = [v for v in spec["flinkConfiguration"].values() if v.startswith("file:")]
    assert len(folders) == 3
    assert all(folder.startswith(f"file://{mount['mountPath']}/") for folder in folders)
