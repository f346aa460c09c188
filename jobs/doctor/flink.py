"""The Flink whose client submits the job: of FLINK_HOME, or of the pip package."""

import os
import re
from pathlib import Path

from jobs.doctor.finding import Finding, fail, ok
from jobs.doctor.machine import INSTALL, PACKAGES, is_installed, version_of
from jobs.doctor.situation import Situation

AREA = "Flink"
NEEDED = "2.3"


def check_flink(_: Situation) -> list[Finding]:
    """Check that there is a Flink, and that it is of the version the job is made for."""
    home = os.environ.get("FLINK_HOME")
    if home:
        return [_of_home(Path(home))]
    if not is_installed("pyflink"):
        return [fail(AREA, "no Flink: FLINK_HOME is not set and there is no pip package", INSTALL)]
    version = version_of(PACKAGES["pyflink"])
    if not fits(version):
        return [fail(AREA, f"Flink {version} of the pip package, the job needs {NEEDED}", INSTALL)]
    return [ok(AREA, f"Flink {version} of the pip package")]


def fits(version: str) -> bool:
    """Return whether a version of Flink is one that the job is made for.

    >>> fits("2.3.0"), fits("2.30.0"), fits("1.20.1")
    (True, False, False)
    """
    return version == NEEDED or version.startswith(f"{NEEDED}.")


def _of_home(home: Path) -> Finding:
    advice = f"point FLINK_HOME to a Flink {NEEDED}, or unset it: the pip package has one"
    if not (home / "bin" / "flink").is_file():
        return fail(AREA, f"FLINK_HOME is {home}, which has no bin/flink", advice)
    names = [jar.name for jar in sorted((home / "lib").glob("flink-dist*.jar"))]
    versions = [found[1] for name in names if (found := re.search(r"-(\d[\w.]*)\.jar$", name))]
    if not versions:
        return fail(AREA, f"FLINK_HOME is {home}, which has no lib/flink-dist-*.jar", advice)
    if not fits(versions[0]):
        return fail(AREA, f"FLINK_HOME is {home}: Flink {versions[0]}, not {NEEDED}", advice)
    return ok(AREA, f"Flink {versions[0]} of FLINK_HOME, {home}")
