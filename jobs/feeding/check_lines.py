"""Finds the lines that a job would not accept, without feeding them."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jobs.core.parsing.judges import Judge
from jobs.feeding.line_splitter import LineSplitter
from jobs.feeding.sources import blocks, source_name
from jobs.feeding.stop_signals import StopSignals


@dataclass(frozen=True)
class RejectedLine:
    """A line that would be a dead letter: where it stands, and why."""

    source: str
    number: int
    reason: str
    detail: str
    raw: bytes


@dataclass
class CheckReport:
    """How many lines were read and rejected, and the first of the rejected ones."""

    lines: int = 0
    rejected: int = 0
    first: list[RejectedLine] = field(default_factory=list)


def reasons_by(
    judge: Judge, leave_out: Sequence[str] = ()
) -> Callable[[Sequence[bytes]], Counter[str]]:
    """The function that counts the dead letters among lines by reason, but for some reasons."""

    def reasons(lines: Sequence[bytes]) -> Counter[str]:
        return Counter(one.reason for one in judge(lines) if one.reason not in leave_out)

    return reasons


def check_lines(
    sources: Sequence[Path | None], judge: Judge, stop: StopSignals, longest: int, keep: int
) -> CheckReport:
    """Judge every line of the sources (None: the standard input), and keep the first rejected.

    Raises SourceError for a source that cannot be read.
    """
    report = CheckReport()
    for source in sources:
        name = source_name(source)
        splitter = LineSplitter(name, longest)
        for block in blocks(source, stop, lambda: None):
            _judge(splitter.add(block), name, judge, report, keep)
        _judge(splitter.end(), name, judge, report, keep)
        if stop.received is not None:
            break
    return report


def _judge(
    lines: Sequence[tuple[int, bytes]], source: str, judge: Judge, report: CheckReport, keep: int
) -> None:
    report.lines += len(lines)
    dead = judge([line for _, line in lines]) if lines else []
    report.rejected += len(dead)
    if not dead or len(report.first) >= keep:
        return
    for number, line in lines:
        for letter in judge([line]):
            if len(report.first) < keep:
                report.first.append(
                    RejectedLine(source, number, letter.reason, letter.detail, line)
                )
