"""Answers that are kept for a while."""

import asyncio

import pytest

from jobs.serve.latest import Latest


def test_all_who_ask_at_once_get_one_answer():
    asked = []

    async def ask() -> int:
        asked.append(1)
        await asyncio.sleep(0)
        return len(asked)

    async def many() -> list[int]:
        latest = Latest(ask, keep_s=60)
        return await asyncio.gather(*(latest.get() for _ in range(20)))

    assert asyncio.run(many()) == [1] * 20


def test_an_error_is_raised_and_not_kept():
    divisors = iter([0, 2])

    async def ask() -> int:
        return 10 // next(divisors)

    async def twice() -> int:
        latest = Latest(ask, keep_s=60)
        with pytest.raises(ZeroDivisionError):
            await latest.get()
        return await latest.get()

    assert asyncio.run(twice()) == 5
