"""Checks that this Python can run Interestream; the Makefile runs it before it installs anything.

It uses only the standard library, and syntax that older and newer versions accept, so that the
user sees a message about the version instead of a syntax error.
"""

from __future__ import annotations

import ctypes
import sys
import sysconfig
from pathlib import Path

REQUIRED = (3, 11)


def python_problem() -> str | None:
    """Return in one sentence what is wrong with this Python and what to do; None if nothing is."""
    if sys.version_info[:2] != REQUIRED:
        return (
            f"Python 3.11 is needed (the job has not been run on another one), this is"
            f" {sys.version.split()[0]} at {sys.executable}: install Python 3.11 (Debian 12: "
            "`apt-get install python3.11 python3.11-venv libpython3.11`) and name it with"
            " `make PYTHON=/path/to/python3.11`"
        )
    return _shared_library_problem()


def _shared_library_problem() -> str | None:
    """The JVM loads Python as a shared library, which not every build of Python has."""
    # The name with a version, which is looked up at run time: a Debian without libpython3.11-dev
    # has no libpython3.11.so.
    name = sysconfig.get_config_var("INSTSONAME") or ""
    if not sysconfig.get_config_var("Py_ENABLE_SHARED"):
        return (
            f"{sys.executable} was built without its shared library, which Flink's thread mode"
            " loads: use a Python built with --enable-shared (Debian: `apt-get install"
            " libpython3.11`; pyenv: PYTHON_CONFIGURE_OPTS=--enable-shared)"
        )
    folder = sysconfig.get_config_var("LIBDIR") or ""
    try:
        ctypes.CDLL(str(Path(folder) / name) if (Path(folder) / name).exists() else name)
    except OSError as error:
        return (
            f"{name} cannot be loaded ({error}), but Flink's thread mode needs it:"
            " install it (Debian: `apt-get install libpython3.11`)"
        )
    return None


if __name__ == "__main__":
    problem = python_problem()
    if problem is not None:
        sys.exit(problem)
