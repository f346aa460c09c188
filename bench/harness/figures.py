"""A figure beside its reference, and what it should reach."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One line of the table; `value` and `reference` have the same `unit`.

    `goal` is what to reach and `met` whether it is; None where the goal does not hold for the
    sizes or the state of the machine that were measured.
    """

    part: str
    name: str
    value: float
    unit: str
    reference: float | None = None
    reference_name: str = ""
    goal: str = ""
    met: bool | None = None
    detail: str = ""

    @property
    def ratio(self) -> float | None:
        """Value over reference."""
        return self.value / self.reference if self.reference else None

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio}
