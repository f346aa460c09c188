"""The screen of the demo while the story runs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from jobs.core.progress import Progress
from jobs.demo.queries import InterestRow, Recommendation


@dataclass(frozen=True)
class ScreenState:
    """Everything on the screen at one moment; delays in milliseconds, times in seconds."""

    at_s: float
    length_s: float
    counters: Progress
    fed: int
    events_per_s: float
    p50_ms: float
    p99_ms: float
    interests: Sequence[InterestRow]
    recommendations: Sequence[Recommendation]
    on_new_topic: frozenset[str]
    moments: Sequence[str] = field(default_factory=tuple)


def screen(state: ScreenState, user_id: str) -> RenderableType:
    """The whole screen."""
    return Group(figures(state), followed(state, user_id), moments(state))


def figures(state: ScreenState) -> RenderableType:
    """The counters and delays."""
    grid = Table.grid(expand=True, padding=(0, 2))
    for _ in range(6):
        grid.add_column(justify="center")
    grid.add_row(
        _figure(f"{state.at_s:4.1f} / {state.length_s:.0f} s", "story"),
        _figure(f"{state.events_per_s:,.0f}", "events/s committed"),
        _figure(f"{state.counters.records_in:,} of {state.fed:,}", "events in"),
        _figure(f"{state.p50_ms:.0f} / {state.p99_ms:.0f} ms", "delay p50 / p99"),
        _figure(f"{state.counters.dead_letters:,}", "dead letters"),
        _figure(
            f"{state.counters.duplicates:,} / {state.counters.waiting:,}", "duplicates / waiting"
        ),
    )
    return Panel(grid, title="the stream", border_style="cyan")


def followed(state: ScreenState, user_id: str) -> RenderableType:
    """The interests and recommendations of the followed user."""
    left = Table(box=None, expand=True, header_style="dim")
    left.add_column("share", justify="right", width=5)
    left.add_column("about", ratio=1, no_wrap=True, overflow="ellipsis")
    for interest in state.interests:
        left.add_row(f"{interest.share:4.0%}", interest.title)
    right = Table(box=None, expand=True, header_style="dim")
    right.add_column("", width=2)
    right.add_column("recommended now", ratio=3, no_wrap=True, overflow="ellipsis")
    right.add_column("because", ratio=4, no_wrap=True, overflow="ellipsis")
    for rank, item in enumerate(state.recommendations, start=1):
        style = "bold magenta" if item.item_id in state.on_new_topic else ""
        right.add_row(f"{rank}", Text(item.title, style=style), Text(item.reason, style="dim"))
    return Group(
        Panel(left, title=f"{user_id}: interests", border_style="green"),
        Panel(
            right,
            title=f"{user_id}: recommend()",
            subtitle="the new interest in magenta",
            border_style="green",
        ),
    )


def moments(state: ScreenState) -> RenderableType:
    """The last things that happened."""
    return Panel(
        Text("\n".join(state.moments[-7:]) or "..."), title="what happened", border_style="yellow"
    )


def _figure(value: str, label: str) -> RenderableType:
    return Text.assemble((value, "bold"), "\n", (label, "dim"), justify="center")
