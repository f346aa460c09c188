"""The kernels, where they can run: a process without numba does the same work by numpy."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobs.core.kernels.all_kernels import Kernels

_switched_off = ContextVar("_switched_off", default=False)


def kernels() -> "Kernels | None":
    """The kernels, None without numba or with `NUMBA_DISABLE_JIT=1` in the environment.

    The first call imports numba, which takes a third of a second.
    """
    return None if _switched_off.get() else _load()


@cache
def _load() -> "Kernels | None":
    try:
        from numba import config  # noqa: PLC0415

        from jobs.core.kernels.all_kernels import KERNELS  # noqa: PLC0415
        from jobs.core.kernels.half import has_instruction  # noqa: PLC0415
    except ImportError:
        return None
    return None if config.DISABLE_JIT or not has_instruction() else KERNELS


@contextmanager
def numpy_alone() -> Iterator[None]:
    """Let this thread, or this task of asyncio, work by numpy alone meanwhile.

    For work that is not worth a compilation, and to compare both; other threads keep the kernels.
    """
    before = _switched_off.set(True)
    try:
        yield
    finally:
        _switched_off.reset(before)
