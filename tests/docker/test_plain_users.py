"""What every pod, container and unit may do: as little as it needs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs.runtime.log_format import LAYOUT
from tests.docker.dockerfile import ROOT

KUBERNETES = ROOT / "docker" / "kubernetes"
MANIFESTS = [*sorted(KUBERNETES.glob("*.yaml")), *(ROOT / "model_export").rglob("*.yaml")]
UNITS = [*(ROOT / "jobs").rglob("*.service"), *(ROOT / "model_export").rglob("*.service")]


def pods(node: Any) -> Iterator[dict[str, Any]]:
    """The specifications of pods in a manifest: whatever has containers."""
    if isinstance(node, dict):
        if "containers" in node:
            yield node
        for value in node.values():
            yield from pods(value)
    elif isinstance(node, list):
        for value in node:
            yield from pods(value)


def merged_pods() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each pod with its file; templates of a role of Flink lie upon the common one."""
    for manifest in MANIFESTS:
        found = list(pods(list(yaml.safe_load_all(manifest.read_text()))))
        if manifest.name == "job.yaml":
            found = found[:1]
        yield from ((manifest.name, pod) for pod in found)


PODS = list(merged_pods())


def test_the_manifests_with_pods_are_known():
    assert {"cronjob.yaml", "job.yaml", "maintain.yaml"} <= {name for name, _ in PODS}


@pytest.mark.parametrize(("name", "pod"), PODS, ids=[name for name, _ in PODS])
def test_a_pod_runs_as_a_plain_user_without_capabilities_on_a_read_only_root(name, pod):
    context = pod["securityContext"]
    assert (context["runAsNonRoot"], context["runAsUser"]) == (True, 10001)
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "/tmp" in {mount["mountPath"] for mount in container["volumeMounts"]}
    # Flink's JobManager asks Kubernetes for pods; nothing else does.
    assert name == "job.yaml" or pod["automountServiceAccountToken"] is False


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda manifest: manifest.name)
def test_no_secret_is_written_down_and_nothing_of_the_host_is_shared(manifest: Path) -> None:
    for pod in pods(list(yaml.safe_load_all(manifest.read_text()))):
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
        assert not [volume for volume in pod.get("volumes", []) if "hostPath" in volume]
        for container in pod["containers"]:
            for variable in container.get("env", []):
                if any(word in variable["name"] for word in ("DSN", "PASSWORD", "KEY", "TOKEN")):
                    assert "secretKeyRef" in variable["valueFrom"]


def test_the_network_policy_is_about_the_pods_of_the_job():
    job = yaml.safe_load((KUBERNETES / "job.yaml").read_text())
    policy = yaml.safe_load((KUBERNETES / "network.yaml").read_text())["spec"]
    name = job["metadata"]["name"]
    assert policy["podSelector"]["matchLabels"] == {"app": name}
    among_themselves, to_rest = policy["ingress"]
    assert among_themselves["from"] == [{"podSelector": {"matchLabels": {"app": name}}}]
    assert [port["port"] for port in to_rest["ports"]] == [8081]
    maintain = yaml.safe_load((KUBERNETES / "maintain.yaml").read_text())
    template = maintain["spec"]["jobTemplate"]["spec"]["template"]
    allowed = [one["podSelector"]["matchLabels"] for one in to_rest["from"]]
    assert any(labels.items() <= template["metadata"]["labels"].items() for labels in allowed)


def test_the_manifest_logs_as_the_other_ways_do():
    job = yaml.safe_load((KUBERNETES / "job.yaml").read_text())["spec"]
    lines = job["logConfiguration"]["log4j-console.properties"].splitlines()
    properties = dict(line.split(" = ", 1) for line in lines)
    prefix = "appender.console.layout."
    found = {key.removeprefix(prefix): value for key, value in properties.items() if prefix in key}
    assert found == LAYOUT


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_runs_as_a_plain_user_who_gets_no_more_rights(unit: Path) -> None:
    lines = unit.read_text().splitlines()
    assert "User=interestream" in lines
    assert "NoNewPrivileges=true" in lines
    assert not [line for line in lines if line.startswith("Environment=") and "DSN" in line]


def test_the_services_of_the_compose_file_drop_roots_rights():
    services = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())["services"]
    for name, service in services.items():
        if service["image"].startswith("interestream-"):
            assert service["cap_drop"] == ["ALL"], name
            assert service["security_opt"] == ["no-new-privileges:true"], name
