"""From a bundle to the active space: make the space, wait for its job, check, switch."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg

from jobs.core.parsing.parse_items import Item
from jobs.errors import InterestreamError
from jobs.spaces.change.coverage import Coverage, Lag, read_coverage, read_records
from jobs.spaces.change.overlap import Overlap, recommended_overlap


@dataclass(frozen=True)
class Demands:
    """What a space must have before it becomes the active one."""

    items: float = 0.999
    """Share of the active space's items with a vector."""
    users: float = 0.99
    """Share of the active space's users with a vector."""
    behind_s: float = 5.0
    """The new job has read what the active one had read this many seconds before."""
    missing_records: int = 0
    """Records that the active job has read and the sources no longer hold."""
    overlap: float = 0.0
    """Mean share of the first ten recommendations that both spaces have."""
    overlap_users: int = 200
    patience_s: float = 120.0
    """How long coverage may stand still, once the job has caught up, until the check has failed."""


@dataclass(frozen=True)
class Checked:
    """The last look before the switch; `refused` says in words what was too little."""

    coverage: Coverage
    overlap: Overlap | None
    refused: tuple[str, ...]


def stored_documents(db: psycopg.Connection) -> Iterator[str]:
    """The documents of the items table, withdrawn items too."""
    with db.cursor("catalogue") as cursor:
        for item_id, title, body in cursor.execute(
            "SELECT item_id, title, body FROM interestream.items"
        ):
            yield Item(item_id, title, body).document


def active_space(db: psycopg.Connection) -> tuple[int, str]:
    """Id of the active space and its bundle's sha256."""
    row = db.execute("SELECT space_id, bundle_sha256 FROM interestream.spaces WHERE active")
    found = row.fetchone()
    if found is None:
        raise InterestreamError(
            "there is no active space to change from: `interestream space create` makes the first"
        )
    return int(found[0]), str(found[1])


def space_of_bundle(db: psycopg.Connection, bundle_sha256: str) -> int | None:
    """The newest space of a bundle that is not active: a change that was begun, or one to go on
    with after going back."""
    row = db.execute(
        "SELECT max(space_id) FROM interestream.spaces WHERE NOT active AND bundle_sha256 = %s",
        (bundle_sha256,),
    ).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def wait_caught_up(
    db: psycopg.Connection,
    space_id: int,
    demands: Demands,
    *,
    on_coverage: Callable[[Coverage], None],
    check: Callable[[], None] = lambda: None,
    poll_s: float = 1.0,
) -> Coverage:
    """Wait until the space's job has caught up and covers enough, or covers no more with time.

    `check` may raise (a job that failed). `db` is in autocommit mode.
    """
    lag = Lag(demands.behind_s, demands.missing_records)
    best, moved_s = (-1, -1), time.monotonic()
    while True:
        check()
        active = read_records(db, active_space(db)[0])
        caught_up = lag.caught_up(time.monotonic(), active, read_records(db, space_id))
        started_s = time.monotonic()
        coverage = read_coverage(db, space_id)
        took_s = time.monotonic() - started_s
        on_coverage(coverage)
        covered = (coverage.items_covered, coverage.users_covered)
        if not caught_up or covered != best:
            best, moved_s = covered, time.monotonic()
        if caught_up and (
            not _too_little(coverage, demands) or time.monotonic() - moved_s > demands.patience_s
        ):
            return coverage
        # Counting reads all rows of both spaces: a twentieth of a core at most.
        time.sleep(max(poll_s, 20 * took_s))


def check_space(db: psycopg.Connection, space_id: int, demands: Demands) -> Checked:
    """Hold a space against what is demanded of it."""
    coverage = read_coverage(db, space_id)
    overlap = recommended_overlap(db, active_space(db)[0], space_id, users=demands.overlap_users)
    refused = _too_little(coverage, demands)
    if overlap is not None and overlap.mean < demands.overlap:
        refused.append(f"overlap@{overlap.k} is {overlap.mean:.3f}, asked for {demands.overlap}")
    return Checked(coverage, overlap, tuple(refused))


def _too_little(coverage: Coverage, demands: Demands) -> list[str]:
    said = []
    for what, found, total, least in (
        ("items", coverage.items_covered, coverage.items, demands.items),
        ("users", coverage.users_covered, coverage.users, demands.users),
    ):
        if found < least * total:
            said.append(f"{found:,} of {total:,} {what} have a vector, asked for {least:.1%}")
    return said
