"""The manifest against the schema of the operator, which refuses what it does not know."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.fixtures.maven_artifacts import get_artifacts

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".interestream" / "operator"
POM = ROOT / "tests" / "fixtures" / "operator" / "pom.xml"
SCHEMA = "META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml"
KUBERNETES = ROOT / "docker" / "kubernetes"

NEWER = {("spec", "flinkVersion")}
"""What operator 1.10 does not know yet, and 1.15 does: the versions of Flink from 2.0 on."""


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The schema of a `FlinkDeployment`, in which unknown fields are faults."""
    get_artifacts(POM, ["dependency:unpack", f"-DunpackTo={FOLDER}"], FOLDER, SCHEMA)
    # The pure Python reader takes 10 s for half a megabyte.
    definition = yaml.load((FOLDER / SCHEMA).read_text(), yaml.CSafeLoader)
    assert definition["spec"]["names"]["kind"] == "FlinkDeployment"
    (version,) = definition["spec"]["versions"]
    found: dict[str, Any] = version["schema"]["openAPIV3Schema"]
    # Kubernetes itself adds these to every schema.
    found["properties"].update({"apiVersion": {}, "kind": {}, "metadata": {}})
    for part in parts(found):
        open_end = part.get("x-kubernetes-preserve-unknown-fields")
        if "properties" in part and "additionalProperties" not in part and not open_end:
            part["additionalProperties"] = False
    return found


@pytest.fixture
def manifest() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((KUBERNETES / "job.yaml").read_text())
    return found


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Every part of a schema that describes an object."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for value in schema.values():
            yield from parts(value)


def faults(schema: dict[str, Any], manifest: dict[str, Any]) -> set[tuple[Any, ...]]:
    """Where the manifest does not fit."""
    found = jsonschema.Draft7Validator(schema).iter_errors(manifest)
    return {tuple(error.absolute_path) for error in found}


def test_the_operator_takes_the_manifest(schema: dict[str, Any], manifest: dict[str, Any]) -> None:
    assert faults(schema, manifest) == NEWER
    manifest["spec"]["flinkVersion"] = "v1_20"
    assert faults(schema, manifest) == set()


def test_a_field_that_the_operator_does_not_know_is_a_fault(
    schema: dict[str, Any], manifest: dict[str, Any]
) -> None:
    manifest["spec"]["flinkVersion"] = "v1_20"
    manifest["spec"]["job"]["upgradeMode"] = "sometimes"
    manifest["spec"]["taskManager"]["resource"]["memory"] = ["3g"]
    manifest["spec"]["podTemplate"]["spec"]["container"] = []
    assert faults(schema, manifest) == {
        ("spec", "job", "upgradeMode"),
        ("spec", "taskManager", "resource", "memory"),
        ("spec", "podTemplate", "spec"),
    }


@pytest.mark.parametrize("name", ["plain", "maintain"])
def test_pods_of_the_other_manifests_fit_the_schema_of_pods(
    schema: dict[str, Any], name: str
) -> None:
    found = list(pods(list(yaml.safe_load_all((KUBERNETES / f"{name}.yaml").read_text()))))
    assert len(found) == {"plain": 2, "maintain": 1}[name]
    of_pods = schema["properties"]["spec"]["properties"]["podTemplate"]
    for pod in found:
        assert faults(of_pods, pod) == set()
    found[0]["spec"]["restart"] = "Never"
    assert faults(of_pods, found[0]) == {("spec",)}


def pods(part: Any) -> Iterator[dict[str, Any]]:
    """The templates of pods, at any depth."""
    if isinstance(part, dict) and "containers" in (part.get("spec") or {}):
        yield part
    elif isinstance(part, dict | list):
        for below in part.values() if isinstance(part, dict) else part:
            yield from pods(below)
