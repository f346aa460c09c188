"""Compiles the kernels by numba, with the compiled code cached on disk where that is possible."""

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(*, reorder: bool = False) -> Callable[[Function], Function]:
    """A decorator that compiles a function when it is first called; it runs without Python's lock.

    `reorder` lets a sum be added up in another order, which vector instructions need; without it
    every operation is rounded as numpy rounds it. numba caches in the package's `__pycache__`, in
    `NUMBA_CACHE_DIR`, or in the user's cache folder. Where none of them can be written, each
    process compiles anew.
    """
    # `contract` would round a product and a sum at once, other than numpy does.
    fastmath = {"reassoc", "contract"} if reorder else False

    def decorate(function: Function) -> Function:
        try:
            kernel: Function = njit(cache=True, nogil=True, fastmath=fastmath)(function)
        except RuntimeError:  # no folder for the cache
            kernel = njit(nogil=True, fastmath=fastmath)(function)
        return kernel

    return decorate
