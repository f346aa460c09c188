"""The result of a comparison: tables for a person, `ok` for the exit code."""

from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text


@dataclass(frozen=True)
class Figure:
    """One count, expected and found."""

    name: str
    expected: int | None
    """None where the input does not decide it."""
    found: int
    judged: bool = True
    """Whether a difference fails the comparison."""

    @property
    def ok(self) -> bool:
        """Whether the count passes."""
        return not self.judged or self.expected == self.found


@dataclass(frozen=True)
class Deviation:
    """In one measure, the row that uses the largest share of its limit."""

    measure: str
    largest: float
    """Deviation of that row."""
    allowed: float
    """Limit of that row."""
    where: str
    """User and kind of that row."""
    rows_beyond: int
    """Number of rows beyond their limit."""

    @property
    def ok(self) -> bool:
        """Whether all rows are within their limits."""
        return self.rows_beyond == 0


@dataclass(frozen=True)
class Report:
    """All counts, deviations and differences of a comparison."""

    figures: list[Figure]
    deviations: list[Deviation]
    differences: dict[str, int]
    """Number of rows by kind of difference."""
    examples: list[str]
    """A sentence for the first few rows of each kind."""

    @property
    def ok(self) -> bool:
        """Whether the tables hold what the input leads to."""
        return (
            all(figure.ok for figure in self.figures)
            and all(deviation.ok for deviation in self.deviations)
            and not any(self.differences.values())
        )

    def print(self, console: Console | None = None) -> None:
        """Print tables, examples and the verdict."""
        (Console() if console is None else console).print(self)

    def __rich__(self) -> RenderableType:
        counts = Table("Count", title="Expected and found", title_justify="left")
        counts.add_column("Expected", justify="right")
        counts.add_column("Found", justify="right")
        counts.add_column("")
        for figure in self.figures:
            expected = "" if figure.expected is None else f"{figure.expected:,}"
            same = figure.expected in (None, figure.found)
            mark = _mark(figure.ok) if figure.judged or same else Text("not judged", "yellow")
            counts.add_row(figure.name, expected, f"{figure.found:,}", mark)
        for name, rows in self.differences.items():
            counts.add_row(name, "0", f"{rows:,}", _mark(rows == 0))

        deviations = Table("Measure", title="Nearest to its limit", title_justify="left")
        deviations.add_column("Deviation", justify="right")
        deviations.add_column("Allowed", justify="right")
        deviations.add_column("Rows beyond", justify="right")
        deviations.add_column("Where")
        deviations.add_column("")
        for deviation in self.deviations:
            deviations.add_row(
                deviation.measure,
                f"{deviation.largest:.2e}",
                f"{deviation.allowed:.2e}",
                f"{deviation.rows_beyond:,}",
                Text(deviation.where),
                _mark(deviation.ok),
            )
        verdict = (
            Text("All rows are as the input says.", "bold green")
            if self.ok
            else Text("The rows differ from what the input says.", "bold red")
        )
        return Group(counts, deviations, *(Text(f"- {line}") for line in self.examples), verdict)


def _mark(ok: bool) -> Text:
    return Text("ok", "green") if ok else Text("DIFFERS", "bold red")
