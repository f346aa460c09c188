"""Keeps an answer for a while, and lets many who ask at once wait for one."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """The newest answer of `ask`, which is asked anew when the answer is older than `keep_s`.

    >>> async def twice():
    ...     answers = iter("ab")
    ...     async def ask():
    ...         return next(answers)
    ...     kept, asked_again = Latest(ask, keep_s=60.0), Latest(ask, keep_s=0.0)
    ...     return await kept.get() + await kept.get() + await asked_again.get()
    >>> asyncio.run(twice())
    'aab'
    """

    def __init__(self, ask: Callable[[], Awaitable[T]], keep_s: float) -> None:
        self._ask = ask
        self._keep_s = keep_s
        self._lock = asyncio.Lock()
        self._answer: T | None = None
        self._answered_s: float | None = None

    async def get(self) -> T:
        """Return an answer that is not older than `keep_s`; raises what `ask` raises."""
        async with self._lock:
            if not self.fresh:
                self._answer = await self._ask()
                self._answered_s = time.monotonic()
            return self._answer  # type: ignore[return-value]

    @property
    def fresh(self) -> bool:
        """Whether the answer is not older than `keep_s`."""
        answered_s = self._answered_s
        return answered_s is not None and time.monotonic() - answered_s < self._keep_s

    @property
    def newest(self) -> T | None:
        """The newest answer however old it is; None before the first."""
        return self._answer
