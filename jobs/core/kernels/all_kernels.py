"""All kernels as one value. Importing this module imports numba."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jobs.core.kernels.covers import covers
from jobs.core.kernels.pair_steps import pair_steps
from jobs.core.kernels.unit_rows import sum_units, weighted_units
from jobs.core.kernels.window_sums import add_to_sums, restore_sums, sums_left_out


@dataclass(frozen=True)
class Kernels:
    """The compiled functions by name; their modules say what they do."""

    add_to_sums: Callable[..., Any]
    covers: Callable[..., Any]
    pair_steps: Callable[..., Any]
    restore_sums: Callable[..., Any]
    sum_units: Callable[..., Any]
    sums_left_out: Callable[..., Any]
    weighted_units: Callable[..., Any]


KERNELS = Kernels(
    add_to_sums=add_to_sums,
    covers=covers,
    pair_steps=pair_steps,
    restore_sums=restore_sums,
    sum_units=sum_units,
    sums_left_out=sums_left_out,
    weighted_units=weighted_units,
)
