"""Which processes have kernels: a process without them folds by numpy."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from jobs.core.kernels.loaded import kernels, numpy_alone

FOLD = """
from jobs.config import Interest
from jobs.core.interest.fold_settings import FoldSettings
from jobs.core.kernels.loaded import kernels
from tests.jobs.core.interest.fold_builders import after, like
made = after([like(1), like(2, "north")])
print(kernels() is not None, [one.item_id for one in made.tables.interests()])
"""


def folded(program: str, **environment: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.strip()


def test_there_are_kernels_with_numba_and_none_without_it() -> None:
    # None in place of a module lets its import fail, as without the package.
    missing = "import sys\nsys.modules['numba'] = None\n" + FOLD
    assert folded(FOLD) == "True ['north', 'east']"
    assert folded(missing) == "False ['north', 'east']"
    assert folded(FOLD, NUMBA_DISABLE_JIT="1") == "False ['north', 'east']"


def test_kernels_are_switched_off_for_a_while_and_come_back() -> None:
    assert kernels() is not None
    with numpy_alone():
        assert kernels() is None
        with numpy_alone():
            assert kernels() is None
        assert kernels() is None
    assert kernels() is not None


def test_other_threads_keep_the_kernels() -> None:
    with ThreadPoolExecutor(1) as other, numpy_alone():
        assert other.submit(kernels).result() is not None
        assert kernels() is None
