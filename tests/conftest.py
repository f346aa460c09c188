"""Fixtures that several test folders share; each service has a file of its own."""

import signal

import pytest

# A shell that starts the suite in the background has it ignore Ctrl-C, and every child with it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = [
    "tests.fixtures.bundle",
    "tests.fixtures.pooler",
    "tests.fixtures.postgres",
    "tests.fixtures.small_disk",
    "tests.fixtures.wheel",
]


# First, since xdist reads the groups in the same hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Clusters come one at a time, beside everything else."""
    for item in items:
        if item.get_closest_marker("cluster"):
            item.add_marker(pytest.mark.xdist_group("cluster"))
