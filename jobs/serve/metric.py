"""What a metric of the database is, and how rows of a statement become its samples."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prometheus_client.core import GaugeMetricFamily

Row = Mapping[str, object]

PREFIX = "interestream_"


@dataclass(frozen=True)
class Metric:
    """A gauge, and what a person needs to know about it.

    All are gauges. A job that is restored counts again from its checkpoint, so even counts go back
    by a little, which `rate()` of a counter would take for a new start from 0.
    """

    name: str
    unit: str
    """As a person reads it: `records`, `s`, `bytes`; empty for 0 and 1."""
    labels: tuple[str, ...]
    meaning: str
    wrong_when: str = ""
    """Empty where no value is wrong by itself."""
    column: str = ""
    """Column of the statement that holds the value; by default the name without its prefix."""

    @property
    def value_column(self) -> str:
        """The column that holds the value."""
        return self.column or self.name.removeprefix(PREFIX)

    def family(self, rows: Iterable[Row]) -> GaugeMetricFamily:
        """The samples of some rows; a row whose value is null has none."""
        family = GaugeMetricFamily(self.name, self.meaning, labels=self.labels)
        for row in rows:
            value = row[self.value_column]
            if value is not None:
                family.add_metric([str(row[label]) for label in self.labels], float(value))  # type: ignore[arg-type]
        return family


@dataclass(frozen=True)
class Reading:
    """A statement, and the metrics that its rows hold."""

    name: str
    statement: str
    metrics: tuple[Metric, ...]
    whole_tables: bool = False
    """Whether it takes longer the more rows there are; such a statement is run less often."""
