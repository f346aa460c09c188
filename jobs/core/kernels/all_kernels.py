"""All kernels as one value. Importing this module imports numba."""

from dataclasses import dataclass
from typing import Any

from jobs.core.kernels.pair_steps import pair_steps


@dataclass(frozen=True)
class Kernels:
    """The compiled functions by name; their modules say what they do."""

    pair_steps: Any = staticmethod(pair_steps)


KERNELS = Kernels()
