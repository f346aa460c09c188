"""Fixtures that several test folders share; each service has a file of its own."""

import signal

import pytest
from hypothesis import settings

# How long an example takes says more about the machine than about the code.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

# A shell that starts the suite in the background has it ignore Ctrl-C, and every child with it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = [
    "tests.fixtures.browser",
    "tests.fixtures.bundle",
    "tests.fixtures.kafka",
    "tests.fixtures.kafka_logins",
    "tests.fixtures.debezium.change_stream",
    "tests.fixtures.pooler",
    "tests.fixtures.postgres",
    "tests.fixtures.prometheus",
    "tests.fixtures.registry.server",
    "tests.fixtures.small_disk",
    "tests.fixtures.tls_pooler",
    "tests.fixtures.wheel",
]

SHARED_SERVERS = ("kafka", "kafka_logins", "schema_registry")
"""Fixtures that start a server which takes seconds: one test process runs all tests of a server."""


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        names = getattr(item, "fixturenames", ())
        if any(name in names for name in SHARED_SERVERS):
            item.add_marker(pytest.mark.xdist_group("servers"))
