"""What was measured of each source, and the figures that set it beside the files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.freshness.pacing import Paced
from bench.harness.figures import Figure
from bench.throughput.measure import Measured

PART = "sources"
FILES = "files"
APART = ("Postgres", "broker")
"""Kinds of processes that are not the job's own."""
READING = ("Source", "WindowAggregate")
"""How the names of threads begin that read, decode and batch records."""
LEAST_RATE_RATIO = {"kafka": 0.9}
"""Goal: events per second over those of files, by source."""
MOST_DELAY_MS = {"kafka": 20.0}
"""Goal: milliseconds of p50 above that of files, by source."""
MOST_CPU_US = {"flat": 1.5}
"""Goal: microseconds of the job's processor time per event above those of files, by source."""
SHOWN_PERCENTILES = (50, 99)


@dataclass(frozen=True)
class SourceResult:
    """One source in one turn: a burst at saturation, and delays at a fixed rate."""

    source: str
    turn: int
    profile: str
    burst: Measured
    paced: Paced

    @property
    def job_us(self) -> float:
        """Microseconds of processor time per event of the job's processes, in the burst."""
        spent = self.burst.cpu_us_per_event
        return sum(us for kind, us in spent.items() if kind not in APART)

    @property
    def reading_us(self) -> float:
        """Microseconds per event of the threads that read, decode and batch records.

        The decode step runs in the thread of the window in front of it; a thread has the name of
        the first of its steps.
        """
        threads = self.burst.threads_us_per_event
        return sum(us for name, us in threads.items() if name.startswith(READING))

    def as_json(self) -> dict[str, Any]:
        """The raw results."""
        return {
            "source": self.source,
            "turn": self.turn,
            "profile": self.profile,
            "job_us_per_event": self.job_us,
            "reading_us_per_event": self.reading_us,
            **self.burst.as_json(),
            "paced": self.paced.as_json(),
        }


def figures(results: Sequence[SourceResult]) -> list[Figure]:
    """Rate, processor time and delays of each source, as medians over the turns, beside files."""
    turns: dict[str, list[SourceResult]] = {}
    for one in results:
        turns.setdefault(one.source, []).append(one)
    files = turns.get(FILES, [])
    sources = [(found, [] if name == FILES else files) for name, found in turns.items()]
    return [
        *(_rate(found, beside) for found, beside in sources),
        *(_cpu(found, beside) for found, beside in sources),
        *(_delay(share, found, beside) for share in SHOWN_PERCENTILES for found, beside in sources),
    ]


def _rate(turns: Sequence[SourceResult], files: Sequence[SourceResult]) -> Figure:
    source, last = turns[0].source, turns[-1].burst
    least = LEAST_RATE_RATIO.get(source)
    value, reference, detail = _beside(turns, files, lambda one: one.burst.events_per_s)
    for kind in APART:
        if any(kind in one.burst.cpu_us_per_event for one in turns):
            us = median(one.burst.cpu_us_per_event.get(kind, 0.0) for one in turns)
            detail += f"; {kind} {us:.1f} us/event"
    return Figure(
        PART,
        f"events/s, {source}",
        value,
        "events/s",
        reference,
        _name(files),
        "" if least is None else f"ratio >= {least}",
        None if least is None or reference is None else value / reference >= least,
        f"{detail}; batch {last.batch_events:,.0f} events, {sum(last.rows_per_event.values()):.2f}"
        f" rows/event; {last.events:,} events in {last.seconds:.0f} s",
    )


def _cpu(turns: Sequence[SourceResult], files: Sequence[SourceResult]) -> Figure:
    source = turns[0].source
    most = MOST_CPU_US.get(source)
    value, reference, detail = _beside(turns, files, lambda one: one.job_us)
    threads, of_files, _ = _beside(turns, files, lambda one: one.reading_us)
    if reference is not None:
        detail += f"; {value - reference:+.1f} us"
    detail += f"; threads of sources and windows {threads:.1f} us"
    if of_files is not None:
        detail += f", {threads - of_files:+.1f} us"
    return Figure(
        PART,
        f"processor time of the job per event, {source}",
        value,
        "us",
        reference,
        _name(files),
        "" if most is None else f"at most {most} us above",
        None if most is None or reference is None else value - reference <= most,
        detail,
    )


def _delay(share: int, turns: Sequence[SourceResult], files: Sequence[SourceResult]) -> Figure:
    source = turns[0].source
    most = MOST_DELAY_MS.get(source) if share == 50 else None
    value, reference, detail = _beside(turns, files, lambda one: one.paced.delay_ms[share])
    return Figure(
        PART,
        f"freshness p{share}, {source}",
        value,
        "ms",
        reference,
        _name(files),
        "" if most is None else f"at most {most:.0f} ms above",
        None if most is None or reference is None else value - reference <= most,
        f"{detail}; {turns[-1].paced.fed_per_s:,.0f} events/s fed",
    )


def _beside(
    turns: Sequence[SourceResult],
    files: Sequence[SourceResult],
    read: Callable[[SourceResult], float],
) -> tuple[float, float | None, str]:
    """The median over the turns, that of files (None where there are none), and every turn's."""
    every = ", ".join(_short(read(one)) for one in turns)
    return median(map(read, turns)), median(map(read, files)) if files else None, f"turns {every}"


def _name(files: Sequence[SourceResult]) -> str:
    return FILES if files else ""


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 1_000 else f"{value:.1f}"
