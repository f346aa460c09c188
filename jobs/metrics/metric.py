"""One metric of the job, and the names that Prometheus reads it by."""

from dataclasses import dataclass
from typing import Literal

GROUP = "interestream"
"""Flink's metric group of all of them."""
SCOPE = f"flink_taskmanager_job_task_operator_{GROUP}"
"""What the names of Prometheus begin with: Flink's scope of an operator, and the group."""

Kind = Literal["counter", "value", "histogram"]

BOUNDS_MS = (50, 100, 200, 300, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000)
"""Upper bounds of the buckets of histograms, in milliseconds; one without a bound follows."""
NO_BOUND = "Inf"
"""The label `le` of the last bucket. Flink's reporter makes `_` of a plus sign, and Prometheus
reads infinity without one as well."""


@dataclass(frozen=True)
class Metric:
    """A metric of the job's steps.

    - `steps`: names of Flink's operators that have it; ENCODER for those that SQL names.
    - `kind`: `counter` counts since the task began, `value` holds the last one, `histogram` has
      cumulative counters by upper bound (label `le`), a count and a sum.
    - `label`: what distinguishes several of the name (Flink's `addGroup(key, value)`), if anything.
    - `needs`: what the job must read for the steps to be there; empty: nothing.
    """

    name: str
    steps: tuple[str, ...]
    kind: Kind
    unit: str
    meaning: str
    wrong: str
    label: str = ""
    needs: str = ""

    @property
    def prometheus(self) -> tuple[str, ...]:
        """The names in Prometheus, of which a histogram has three."""
        if self.kind == "histogram":
            return (
                f"{SCOPE}_le_{self.name}_bucket",
                f"{SCOPE}_{self.name}_count",
                f"{SCOPE}_{self.name}_sum",
            )
        return (f"{SCOPE}_{self.label}_{self.name}" if self.label else f"{SCOPE}_{self.name}",)


@dataclass(frozen=True)
class FlinkMetric:
    """A metric that Flink has without us, by its name in Prometheus."""

    prometheus: str
    unit: str
    meaning: str
    wrong: str
    needs: str = ""
