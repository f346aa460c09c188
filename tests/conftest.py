"""Fixtures that several test folders share; each service has a file of its own."""

import signal
from importlib.util import find_spec

import pytest

# A shell that starts the suite in the background has it ignore Ctrl-C, and every child with it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A fixture file that its owner has not written yet is left out.
_FIXTURES = ("tests.fixtures.bundle", "tests.fixtures.postgres", "tests.fixtures.small_disk")
pytest_plugins = [name for name in _FIXTURES if find_spec(name) is not None]


# First, since xdist reads the groups in the same hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Clusters come one at a time, beside everything else."""
    for item in items:
        if item.get_closest_marker("cluster"):
            item.add_marker(pytest.mark.xdist_group("cluster"))
