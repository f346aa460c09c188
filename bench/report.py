"""Prints the figures as one table."""

from collections.abc import Sequence
from itertools import groupby

from rich.table import Table

from bench.harness.figures import Figure
from bench.harness.machine import Machine
from bench.throughput.part import Result


def figures_table(machine: Machine, figures: Sequence[Figure]) -> Table:
    """A table with a section for each part, and each figure beside its reference."""
    table = Table(title="\n".join(machine.lines()), title_justify="left", title_style="")
    table.add_column("figure")
    table.add_column("measured", justify="right", no_wrap=True)
    table.add_column("beside it", justify="right")
    table.add_column("ratio", justify="right", no_wrap=True)
    table.add_column("to reach")
    table.add_column("how", style="dim", ratio=1)
    for part, found in groupby(figures, key=lambda figure: figure.part):
        for one in found:
            table.add_row(
                f"{part}: {one.name}",
                f"{_number(one.value)} {one.unit}",
                f"{_number(one.reference)} {one.reference_name}" if one.reference else "",
                f"{one.ratio:.2f}" if one.ratio is not None else "",
                _goal(one),
                one.detail,
            )
        table.add_section()
    return table


def threads_table(results: Sequence[Result]) -> Table:
    """The threads of the JVM that use the most processor time, by run."""
    table = Table(title="CPU us per event by thread of the JVM (steps run Python in theirs)")
    table.add_column("run")
    table.add_column("threads")
    for one in results:
        if one.measured.threads_us_per_event:
            largest = list(one.measured.threads_us_per_event.items())[:12]
            table.add_row(one.case.name, ", ".join(f"{name} {us:.1f}" for name, us in largest))
    return table


def markdown(machine: Machine, figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table, for docs/performance.md."""
    lines = [
        *machine.lines(),
        "",
        "| figure | measured | beside it | ratio | to reach | how |",
        "|---|---|---|---|---|---|",
    ]
    for one in figures:
        beside = f"{_number(one.reference)} ({one.reference_name})" if one.reference else ""
        ratio = f"{one.ratio:.2f}" if one.ratio is not None else ""
        met = {None: "", True: ": yes", False: ": no"}[one.met]
        goal = one.goal + met if one.goal else ""
        lines.append(
            f"| {one.part}: {one.name} | {_number(one.value)} {one.unit} | {beside} | {ratio}"
            f" | {goal} | {one.detail} |"
        )
    return "\n".join(lines) + "\n"


def put_into(page: str, table: str, part: str = "") -> str:
    """The page with `table` between two marks: those of a part, or else those of all the rest.

    Raises ValueError where they are missing.

    >>> put_into("a\\n<!-- bench -->\\nold\\n<!-- /bench -->\\nb\\n", "new\\n").splitlines()
    ['a', '<!-- bench -->', 'new', '<!-- /bench -->', 'b']
    """
    first, last = _marks(part)
    before, begin, rest = page.partition(first)
    _, end, after = rest.partition(last)
    if not end:
        raise ValueError(f"the page has no lines {first} and {last}")
    return f"{before}{begin}\n{table}{end}{after}"


def put_figures(page: str, machine: Machine, figures: Sequence[Figure]) -> str:
    """The page with a table for each part that has marks of its own, and one for all others.

    A table of which nothing was measured stays. Raises ValueError where marks are missing.
    """
    apart = {one.part for one in figures if _marks(one.part)[0] in page}
    for part in sorted(apart):
        own = [one for one in figures if one.part == part]
        page = put_into(page, markdown(machine, own), part)
    rest = [one for one in figures if one.part not in apart]
    return put_into(page, markdown(machine, rest)) if rest else page


def _marks(part: str) -> tuple[str, str]:
    name = f"bench {part}".strip()
    return f"<!-- {name} -->", f"<!-- /{name} -->"


def _goal(figure: Figure) -> str:
    if not figure.goal or figure.met is None:
        return figure.goal
    return f"[green]{figure.goal}[/]" if figure.met else f"[red]{figure.goal}[/]"


def _number(value: float) -> str:
    """
    >>> _number(52_345.6), _number(151.3), _number(2.345)
    ('52,346', '151', '2.35')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
