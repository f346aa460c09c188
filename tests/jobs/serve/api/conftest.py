"""The catalogue of the client's tests, behind a server that asks as a reader."""

from collections.abc import Iterator

import pytest

from tests.interestream.conftest import reader_dsn  # noqa: F401
from tests.jobs.serve.served import Served, serving


@pytest.fixture
def served(reader_dsn: str) -> Iterator[Served]:  # noqa: F811
    """A server without a key."""
    with serving(reader_dsn) as found:
        yield found
