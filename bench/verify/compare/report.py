"""The outcome of a comparison, for a person and for an exit code."""

from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text


@dataclass(frozen=True)
class Figure:
    """One count, expected and found."""

    name: str
    expected: int | None
    """`None` where the input does not decide it."""
    found: int
    judged: bool = True
    """Whether a difference fails the comparison."""

    @property
    def ok(self) -> bool:
        return not self.judged or self.expected == self.found


@dataclass(frozen=True)
class Deviation:
    """The row that comes nearest to its limit in one measure, or goes furthest beyond it."""

    measure: str
    largest: float
    allowed: float
    """For that row."""
    where: str
    """User and kind."""
    rows_beyond: int

    @property
    def ok(self) -> bool:
        return self.rows_beyond == 0


@dataclass(frozen=True)
class Report:
    figures: list[Figure]
    deviations: list[Deviation]
    differences: dict[str, int]
    """Rows that differ, by what is wrong with them."""
    examples: list[str]
    """The first few of them, in words."""

    @property
    def ok(self) -> bool:
        return (
            all(figure.ok for figure in self.figures)
            and all(deviation.ok for deviation in self.deviations)
            and not any(self.differences.values())
        )

    def print(self, console: Console | None = None) -> None:
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
