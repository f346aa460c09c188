"""The results of one kind of question, as a row of a table and as figures with goals."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from bench.harness.figures import Figure
from bench.harness.machine import Machine
from bench.recommend.measure import Timed

GOALS = {100_000: (15.0, 0.97), 1_000_000: (40.0, 0.95)}
"""Goals by number of items: p99 in ms during writes, and recall."""


@dataclass(frozen=True)
class Measured:
    """Times and recall of one kind of question.

    `recall` is the mean over people, `recall_p5` the 5th percentile; None for many users at once.
    """

    name: str
    items: int
    k: int
    alone: Timed
    under_writes: Timed
    recall: float | None
    recall_p5: float | None

    def as_json(self) -> dict[str, Any]:
        """All fields by name."""
        return asdict(self)


def figures(measured: Sequence[Measured], *, quiet: bool) -> list[Figure]:
    """p99 during writes beside p99 alone, and recall; goals of times apply only when `quiet`."""
    found = []
    for one in measured:
        name = f"{one.items:,} items, {one.name}, k = {one.k}"
        p99, recall = GOALS.get(one.items, (0.0, 0.0))
        busy = one.under_writes
        found.append(
            Figure(
                "recommend",
                f"{name}: p99 under writes",
                busy.p99_ms,
                "ms",
                reference=one.alone.p99_ms,
                reference_name="p99 alone",
                goal=f"<= {p99:.0f} ms" if p99 else "",
                met=busy.p99_ms <= p99 if p99 and quiet else None,
                detail=f"p50 {busy.p50_ms:.1f} ms, alone {one.alone.p50_ms:.1f} ms; processor time"
                f" {one.alone.cpu_ms:.1f} ms; {busy.answers} answers",
            )
        )
        if one.recall is not None:
            found.append(
                Figure(
                    "recommend",
                    f"{name}: recall",
                    one.recall,
                    "",
                    goal=f">= {recall}" if recall else "",
                    met=one.recall >= recall if recall else None,
                    detail=f"of the exact list by brute force; 5th percentile {one.recall_p5:.2f}",
                )
            )
    return found


def table(machine: Machine, measured: Sequence[Measured]) -> Table:
    """A table with a row for each kind of question and a section for each size."""
    made = Table(title="\n".join(machine.lines()), title_justify="left", title_style="")
    made.add_column("items", justify="right")
    made.add_column("asked")
    for name in (
        "k",
        "p50 ms",
        "p99 ms",
        "writes: p50",
        "p99",
        "CPU ms",
        "recall",
        "5th percentile",
    ):
        made.add_column(name, justify="right")
    for number, one in enumerate(measured):
        if number and measured[number - 1].items != one.items:
            made.add_section()
        made.add_row(
            f"{one.items:,}",
            one.name,
            str(one.k),
            f"{one.alone.p50_ms:.1f}",
            f"{one.alone.p99_ms:.1f}",
            f"{one.under_writes.p50_ms:.1f}",
            f"{one.under_writes.p99_ms:.1f}",
            f"{one.alone.cpu_ms:.1f}",
            "" if one.recall is None else f"{one.recall:.3f}",
            "" if one.recall_p5 is None else f"{one.recall_p5:.3f}",
        )
    return made
