"""`make` refuses a wrong Python before it installs anything."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

OTHER_PYTHON = """#!{python}
import runpy, sys, sysconfig
{change}
if sys.argv[1] == "-c":
    exec(sys.argv[2])
else:
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")
"""


def make(folder: Path, python: str) -> subprocess.CompletedProcess[str]:
    """`make demo` in a fresh checkout."""
    (folder / "jobs" / "runtime").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "constraints.txt", "jobs/runtime/preflight.py"):
        shutil.copy(ROOT / name, folder / name)
    return subprocess.run(
        ["make", "demo", f"PYTHON={python}"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ('sys.version_info = (3, 12, 1, "final", 0)', "Python 3.11 is needed"),
        ('sys.version_info = (2, 7, 18, "final", 0)', "Python 3.11 is needed"),
        (
            "sysconfig.get_config_var = lambda name: 0 if name == 'Py_ENABLE_SHARED' else ''",
            "was built without its shared library",
        ),
        (
            "sysconfig.get_config_var = lambda name: 'libnowhere.so'",
            "libnowhere.so cannot be loaded",
        ),
    ],
)
def test_make_refuses_a_python_that_cannot_run_it_in_one_sentence(tmp_path, change, message):
    python = tmp_path / "python"
    python.write_text(OTHER_PYTHON.format(python=sys.executable, change=change))
    python.chmod(0o755)
    done = make(tmp_path, str(python))
    assert done.returncode == 2, "make's code for a failed recipe"
    assert message in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_make_reports_a_missing_python(tmp_path):
    done = make(tmp_path, "python3.11-missing")
    assert done.returncode == 2
    assert "python3.11-missing was not found" in done.stdout
