"""The rates of the API and of plain SQL at the same p99."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.api.load import Load

GOAL = 0.7


@dataclass(frozen=True)
class Compared:
    """Plain SQL with so many clients, and the API's rate at its p99."""

    sql: Load
    api_rate: float
    """Between two numbers of clients the rate lies on the line between them; 0 where the API never
    is that quick."""

    @property
    def ratio(self) -> float:
        """The API's rate as a share of that of plain SQL."""
        return self.api_rate / self.sql.rate


def compare(sql: Sequence[Load], api: Sequence[Load]) -> list[Compared]:
    """For each load of plain SQL, the rate that the API has at the same p99.

    >>> sql = [Load(4, 200, 1.0, 15.0, 30.0)]
    >>> api = [Load(2, 120, 1.0, 15.0, 20.0), Load(4, 160, 1.0, 20.0, 40.0)]
    >>> compare(sql, api)[0].api_rate, compare(sql, api)[0].ratio
    (140.0, 0.7)
    """
    return [Compared(one, _rate_at(one.p99_ms, api)) for one in sql]


def _rate_at(p99_ms: float, loads: Sequence[Load]) -> float:
    """The largest rate whose p99 is at most `p99_ms`, with what lies between two loads."""
    best = max((one.rate for one in loads if one.p99_ms <= p99_ms), default=0.0)
    by_clients = sorted(loads, key=lambda one: one.clients)
    for lower, upper in itertools.pairwise(by_clients):
        if lower.p99_ms <= p99_ms < upper.p99_ms:
            between = np.interp(p99_ms, [lower.p99_ms, upper.p99_ms], [lower.rate, upper.rate])
            best = max(best, float(between))
    return best
