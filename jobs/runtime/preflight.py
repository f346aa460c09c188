"""Whether this Python can run Interestream; asked by the Makefile before anything is installed.

Needs nothing but the standard library, and reads under older and newer versions than ours, so
that it is this page that tells a person about the version and not a syntax error.
"""

from __future__ import annotations

import ctypes
import sys
import sysconfig
from pathlib import Path

WANTED = (3, 11)


def python_problem() -> str | None:
    """What is wrong with this Python and what to do about it, in one sentence; None if nothing."""
    if sys.version_info[:2] != WANTED:
        return (
            f"Python 3.11 is needed (PyFlink's bridge has no build for others), this is"
            f" {sys.version.split()[0]} at {sys.executable}: install Python 3.11 (Debian 12: "
            "`apt-get install python3.11 python3.11-venv libpython3.11`) and name it with"
            " `make PYTHON=/path/to/python3.11`"
        )
    return _shared_library_problem()


def _shared_library_problem() -> str | None:
    """The JVM loads Python as a library, which not every build of Python has."""
    name = sysconfig.get_config_var("LDLIBRARY") or ""
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
