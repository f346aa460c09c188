"""Fixtures that several test folders share; each service has a file of its own."""

import signal

from hypothesis import settings

# How long an example takes says more about the machine than about the code.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

# A shell that starts the suite in the background has it ignore Ctrl-C, and every child with it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = [
    "tests.fixtures.bundle",
    "tests.fixtures.kafka",
    "tests.fixtures.kafka_logins",
    "tests.fixtures.debezium.change_stream",
    "tests.fixtures.pooler",
    "tests.fixtures.postgres",
    "tests.fixtures.prometheus",
    "tests.fixtures.registry.server",
    "tests.fixtures.small_disk",
    "tests.fixtures.wheel",
]
