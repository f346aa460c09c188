"""A figure with its reference and its goal."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One line of the table; `value` and `reference` have the same `unit`.

    `goal` is a sentence and `met` whether it is reached; `met` is None where the goal does not
    apply to the measured sizes or to the load of the machine.
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
        """All fields by name, with the ratio."""
        return {**asdict(self), "ratio": self.ratio}
