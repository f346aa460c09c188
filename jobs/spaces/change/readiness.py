"""Whether a space can take over from the active one, and the wait until it can."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from jobs.spaces.change.coverage import Coverage, Lag, read_coverage, read_records
from jobs.spaces.change.find_space import active_space_and_bundle
from jobs.spaces.change.overlap import Overlap, recommendation_overlap


@dataclass(frozen=True)
class Requirements:
    """What a space must have before it becomes the active one."""

    items: float = 0.999
    """Share of the active space's items that have a vector in the new space."""
    users: float = 0.99
    """Share of the active space's users that have a vector in the new space."""
    behind_s: float = 5.0
    """The new job has caught up when it has read what the active job had read so many seconds
    earlier."""
    missing_records: int = 0
    """Records that the active job has read and the sources no longer hold."""
    overlap: float = 0.5
    """Least mean share of the first ten recommendations that both spaces have in common. A switch
    that replaces more than half of what people see is one for a person to decide."""
    overlap_users: int = 200
    """Users over whom the overlap is averaged."""
    patience_s: float = 120.0
    """How long coverage may stand still, once the job has caught up, before the wait ends."""


@dataclass(frozen=True)
class CheckResult:
    """The outcome of the last check before the switch."""

    coverage: Coverage
    overlap: Overlap | None
    """None when the active space has no users."""
    refused: tuple[str, ...]
    """One sentence for each requirement that the space does not meet; empty if it meets all."""


def wait_caught_up(
    db: psycopg.Connection,
    space_id: int,
    requirements: Requirements,
    *,
    on_coverage: Callable[[Coverage], None],
    check: Callable[[], None] = lambda: None,
    poll_s: float = 1.0,
) -> Coverage:
    """Wait until the space's job has caught up and its coverage suffices or no longer grows.

    `on_coverage` is called with each measured coverage, and the last one is returned. `check` is
    called on each round and may raise, for example when the job has failed. `db` must be in
    autocommit mode, so that each round sees new rows.
    """
    lag = Lag(requirements.behind_s, requirements.missing_records)
    best, last_growth_s = (-1, -1), time.monotonic()
    while True:
        check()
        active = read_records(db, active_space_and_bundle(db)[0])
        caught_up = lag.caught_up(time.monotonic(), active, read_records(db, space_id))
        started_s = time.monotonic()
        coverage = read_coverage(db, space_id)
        took_s = time.monotonic() - started_s
        on_coverage(coverage)
        covered = (coverage.items_covered, coverage.users_covered)
        if not caught_up or covered != best:
            best, last_growth_s = covered, time.monotonic()
        if caught_up and (
            not _shortfalls(coverage, requirements)
            or time.monotonic() - last_growth_s > requirements.patience_s
        ):
            return coverage
        # Counting reads all rows of both spaces. The pause keeps it below a twentieth of a core.
        time.sleep(max(poll_s, 20 * took_s))


def check_space(db: psycopg.Connection, space_id: int, requirements: Requirements) -> CheckResult:
    """Compare a space's coverage and recommendations with the requirements.

    `db` must be outside of a transaction (see `recommendation_overlap`).
    """
    coverage = read_coverage(db, space_id)
    active, _ = active_space_and_bundle(db)
    overlap = recommendation_overlap(db, active, space_id, users=requirements.overlap_users)
    refused = _shortfalls(coverage, requirements)
    if overlap is not None and overlap.mean < requirements.overlap:
        refused.append(
            f"overlap@{overlap.k} is {overlap.mean:.3f}, required: {requirements.overlap}"
        )
    return CheckResult(coverage, overlap, tuple(refused))


def _shortfalls(coverage: Coverage, requirements: Requirements) -> list[str]:
    sentences = []
    for name, covered, total, required_share in (
        ("items", coverage.items_covered, coverage.items, requirements.items),
        ("users", coverage.users_covered, coverage.users, requirements.users),
    ):
        if covered < required_share * total:
            sentences.append(
                f"{covered:,} of {total:,} {name} have a vector, required: {required_share:.1%}"
            )
    return sentences
