"""Clients that ask one after the other, so many at a time: their rate and their times."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

Ask = Callable[[int], Awaitable[int]]
"""Asks for the user of a number; gives the number of rows."""


@dataclass(frozen=True)
class Load:
    """What `clients` at a time got within `seconds`."""

    clients: int
    answers: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.answers / self.seconds

    def as_json(self) -> dict[str, Any]:
        """All fields by name, with the rate."""
        return {**asdict(self), "rate": self.rate}


async def load(asks: list[Ask], users: int, seconds: float, rows: int) -> Load:
    """Let each of `asks` ask for `users` in turn, all at once, for so many seconds.

    Raises AssertionError for an answer that has not `rows` rows.
    """
    times_ms: list[float] = []
    began = time.perf_counter()

    async def client(number: int, ask: Ask) -> None:
        # Each begins elsewhere, so that no two ask for the same user at the same time.
        user = number * users // len(asks)
        while (started := time.perf_counter()) - began < seconds:
            found = await ask(user % users)
            times_ms.append((time.perf_counter() - started) * 1000)
            assert found == rows, f"{found} rows of {rows}"
            user += 1

    await asyncio.gather(*(client(number, ask) for number, ask in enumerate(asks)))
    took_s = time.perf_counter() - began
    p50, p99 = np.percentile(times_ms, [50, 99])
    return Load(len(asks), len(times_ms), took_s, float(p50), float(p99))


def together(parts: list[Load]) -> Load:
    """One load of several turns: the rate of all, and the median of their percentiles."""
    return Load(
        parts[0].clients,
        sum(part.answers for part in parts),
        sum(part.seconds for part in parts),
        float(np.median([part.p50_ms for part in parts])),
        float(np.median([part.p99_ms for part in parts])),
    )
