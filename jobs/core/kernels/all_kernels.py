"""All kernels as one value. Importing this module imports numba."""

from dataclasses import dataclass
from typing import Any

from jobs.core.kernels.covers import covers
from jobs.core.kernels.pair_steps import pair_steps


@dataclass(frozen=True)
class Kernels:
    """The compiled functions by name; their modules say what they do."""

    covers: Any = staticmethod(covers)
    pair_steps: Any = staticmethod(pair_steps)


KERNELS = Kernels()
