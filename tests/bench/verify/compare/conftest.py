"""The comparison after one change of the right rows."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from bench.verify.compare import Report, compare
from tests.bench.verify.compare.world import SPACE, expect, write


@pytest.fixture
def report_after(dsn: str) -> Callable[..., Report]:
    """A function that writes the expected rows, changes them by one statement, and compares."""

    def after(statement: str = "", parameters: tuple[Any, ...] = (), **more: Any) -> Report:
        expected = more.pop("expected", None) or expect()
        write(dsn, expected)
        if statement:
            with psycopg.connect(dsn) as connection:
                changed = connection.execute(statement.encode(), parameters).rowcount
                assert changed > 0, "the statement changed nothing"
        return compare(expected, dsn, SPACE, **more)

    return after
