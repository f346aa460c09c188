"""Compares the rows of `trends`, as of the event time that they have reached."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench.verify.compare.findings import Findings
from bench.verify.compare.report import Figure
from bench.verify.compare.stored import Connection
from bench.verify.recompute import Expected
from bench.verify.recompute.trends import Interaction

DAY_MS = 86_400_000
FADED = 1 / 512
"""An item of all time with a smaller count may be forgotten."""
ROUNDING = 1e-3
"""Weights of all time are rounded to a thousandth when events are added, and whenever they fade."""


@dataclass
class _Sum:
    """What an item has in a horizon."""

    count: float = 0.0
    weight: float = 0.0
    slack: float = 0.0


def compare_trends(
    expected: Expected, connection: Connection, space_id: int, findings: Findings
) -> list[Figure]:
    """Compare every horizon, once all events that came are counted.

    A horizon keeps its strongest items; one that is not there must not weigh more than they do.
    """
    trends = expected.trends
    compared = 0
    newest = 0
    for horizon, start_ms, as_of_ms, half_life_s, version in connection.execute(
        "SELECT horizon, (extract(epoch FROM window_start) * 1000)::int8,"
        " (extract(epoch FROM as_of) * 1000)::int8, extract(epoch FROM half_life)::float8, version"
        " FROM interestream.trend_windows WHERE space_id = %s",
        (space_id,),
    ).fetchall():
        newest = max(newest, version)
        if half_life_s is None:
            wanted = _window(trends.interactions, start_ms, as_of_ms)
        else:
            wanted = _all_time(trends.interactions, as_of_ms, half_life_s)
        stored = dict(_stored(connection, space_id, horizon))
        compared += len(stored.keys() - trends.undecided)
        for item_id, difference in _differences(wanted, stored, half_life_s is not None):
            if item_id not in trends.undecided and item_id not in expected.deleted:
                findings.add("trends different", f"{horizon}, {item_id!r}: {difference}")
    counted = len(trends.interactions) if trends.total_decided else None
    return [
        Figure("trends: interactions counted", counted, newest, judged=trends.total_decided),
        Figure("trends: rows compared", None, compared, judged=False),
    ]


def _window(
    interactions: tuple[Interaction, ...], start_ms: int, as_of_ms: int
) -> Mapping[str, _Sum]:
    sums: defaultdict[str, _Sum] = defaultdict(_Sum)
    for one in interactions:
        if start_ms <= one.time_ms < as_of_ms:
            _add(sums[one.item_id], one, 1.0)
    return sums


def _all_time(
    interactions: tuple[Interaction, ...], as_of_ms: int, half_life_s: float
) -> Mapping[str, _Sum]:
    sums: defaultdict[str, _Sum] = defaultdict(_Sum)
    for one in interactions:
        if one.time_ms < as_of_ms:
            days = (as_of_ms - 1) // DAY_MS - one.time_ms // DAY_MS
            _add(sums[one.item_id], one, 2.0 ** (-days * DAY_MS / 1000 / half_life_s))
    return sums


def _add(total: _Sum, one: Interaction, factor: float) -> None:
    total.count += factor
    total.weight += factor * one.weight
    total.slack += factor * one.slack


def _stored(
    connection: Connection, space_id: int, horizon: str
) -> Iterator[tuple[str, tuple[int, float]]]:
    for item_id, interactions, weight in connection.execute(
        "SELECT item_id, interactions, weight FROM interestream.trends"
        " WHERE space_id = %s AND horizon = %s",
        (space_id, horizon),
    ):
        yield item_id, (interactions, weight)


def _differences(
    wanted: Mapping[str, _Sum], stored: Mapping[str, tuple[int, float]], fades: bool
) -> Iterator[tuple[str, str]]:
    """(item, what is wrong with it); `fades` is for all time, whose counts are rounded."""
    for item_id, (interactions, weight) in stored.items():
        sums = wanted.get(item_id, _Sum())
        count = max(1.0, sums.count) if fades else sums.count
        rounding = ROUNDING * max(sums.weight, 1.0) if fades else ROUNDING / 10
        wrong_count = abs(interactions - count) > (0.5 + ROUNDING * count if fades else 0.0)
        if wrong_count or abs(weight - sums.weight) > rounding + sums.slack:
            yield (
                item_id,
                f"{interactions} interactions of weight {weight}, expected {count} of"
                f" {sums.weight}",
            )
    weakest = min((weight for _, weight in stored.values()), default=0.0)
    for item_id, sums in wanted.items():
        forgotten = fades and sums.count < FADED
        if item_id not in stored and not forgotten and sums.weight > weakest * (1 + ROUNDING):
            yield item_id, f"is missing with weight {sums.weight}; the weakest row has {weakest}"
