"""A process that has loaded another version of the package than the job's does not run the job."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.errors import OtherCodeError
from jobs.operators.loaded_code import LOADED, check_code, installed_code

ROOT = Path(__file__).parents[3]

STEP = """
import sys
from pathlib import Path
from jobs.operators import loaded_code
submitted = sys.argv[1] or loaded_code.LOADED
if sys.argv[2]:
    with Path(loaded_code.__file__).open("a") as module:
        module.write(sys.argv[2])
loaded_code.check_code(submitted)
print("opened")
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    for package in ("jobs", "udfs", "sql"):
        shutil.copytree(ROOT / package, tmp_path / package)
    return tmp_path


def open_step(
    installed: Path, *, submitted: str, change: str = ""
) -> subprocess.CompletedProcess[str]:
    """Open a step in a process of its own; `change` is installed after it has loaded its code."""
    return subprocess.run(
        [sys.executable, "-c", STEP, submitted, change],
        env={"PYTHONPATH": str(installed)},
        cwd=installed,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_step_opens_with_the_code_of_its_job(installed):
    assert open_step(installed, submitted=LOADED).stdout == "opened\n"


def test_a_running_job_restarts_with_the_code_that_it_has(installed):
    done = open_step(installed, submitted=LOADED, change="# new\n")
    assert done.stdout == "opened\n"


def test_a_process_with_old_code_ends_itself_for_a_job_with_new_code(installed):
    done = open_step(installed, submitted="0123456789ab", change="# new\n")
    assert done.returncode == -signal.SIGTERM
    assert "0123456789ab" in done.stderr
    assert "another version was installed meanwhile" in done.stderr


def test_a_job_of_another_installation_is_refused_with_both_versions():
    with pytest.raises(OtherCodeError, match=f"code 0123456789ab .* has {LOADED}: install"):
        check_code("0123456789ab")


def test_the_code_is_that_of_names_and_contents(installed):
    assert installed_code() == LOADED
    (installed / "jobs" / "core" / "further.py").touch()
    assert "has " in open_step(installed, submitted=LOADED).stderr
