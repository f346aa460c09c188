"""Every row that should be there against every row that is."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import psycopg
from numpy.typing import NDArray

from bench.verify.compare.report import Deviation, Figure, Report
from bench.verify.compare.stored import (
    Connection,
    StoredWindows,
    read_dead_letters,
    read_items,
    read_progress,
    read_user_items,
    read_users,
    read_windows,
)
from bench.verify.recompute import Expected, UserItem
from bench.verify.recompute.windows import LEAST_WEIGHT

EXAMPLES = 10
UNKNOWN_ITEM = "unknown_item"
DIFFERENCES = (
    "windows missing",
    "windows nobody expects",
    "windows with another as_of",
    "windows with another dimension",
    "windows that weigh nothing",
    "users missing",
    "users nobody expects",
    "users different",
    "user_items missing",
    "user_items nobody expects",
    "user_items different",
    "items missing",
    "items nobody expects",
    "items different",
    "items without a vector",
)


@dataclass(frozen=True)
class Tolerance:
    """How far a row may be off, beside its own slack (see `bench.verify.recompute.Windows`).

    The weight may be off by the slack in any case, every component and, in radians, the angle by
    slack / |S|."""

    component: float = 2e-3
    """Largest deviation of one component of a unit vector."""
    cosine: float = 0.9999
    """Smallest cosine between stored and expected vector."""
    weight: float = 1e-4
    """Largest relative deviation of a weight or signal."""
    ill_conditioned: float = 0.1
    """Below this |S| / weight the vector's limits widen in proportion: what rounding left in the
    sum grows by weight / |S| when the sum is made a unit vector."""
    cancelled: float = 1e-4
    """Below this |S| / weight the row may have any direction, or be missing."""


@dataclass
class _Findings:
    differences: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def add(self, what: str, example: str) -> None:
        self.differences[what] += 1
        # The first of each sort, so that one sort cannot hide the others.
        if self.differences[what] <= EXAMPLES // 3:
            self.examples.append(f"{what}: {example}")


class _Worst:
    """The row of one measure with the largest share of what it is allowed."""

    def __init__(self, measure: str) -> None:
        self._worst = Deviation(measure, 0.0, 0.0, "", 0)
        self._share = -1.0

    def add(
        self,
        keys: list[tuple[str, str]],
        deviation: NDArray[np.float64],
        allowed: NDArray[np.float64],
    ) -> None:
        """deviation, allowed: (rows,); not a number counts as beyond every limit."""
        if not keys:
            return
        deviation = np.where(np.isfinite(deviation), deviation, np.inf)
        share = deviation / allowed
        row = int(np.argmax(share))
        beyond = self._worst.rows_beyond + int(np.sum(share > 1))
        worst = self._worst
        if share[row] > self._share:
            self._share = float(share[row])
            where = f"user {keys[row][0]!r}, {keys[row][1]}"
            worst = Deviation(
                worst.measure, float(deviation[row]), float(allowed[row]), where, beyond
            )
        self._worst = Deviation(worst.measure, worst.largest, worst.allowed, worst.where, beyond)

    def deviation(self) -> Deviation:
        return self._worst


def compare(
    expected: Expected, dsn: str, space_id: int, tolerance: Tolerance | None = None
) -> Report:
    """All rows of one space, and the relations, dead letters and counters beside it."""
    tolerance = Tolerance() if tolerance is None else tolerance
    findings = _Findings()
    findings.differences.update(dict.fromkeys(DIFFERENCES, 0))
    with psycopg.connect(dsn) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        window_rows, deviations = _windows(expected, connection, space_id, tolerance, findings)
        users = _users(expected, connection, space_id, findings)
        relations = _user_items(expected, connection, tolerance, findings)
        items = _items(expected, connection, space_id, findings)
        figures = [
            *_counters(expected, connection, space_id),
            Figure("users", len(expected.users), users),
            # Rows that cancel out may be there or not; `windows missing` judges the others.
            Figure("window rows", len(expected.windows.keys), window_rows, judged=False),
            # Where a command came, the input may not say which relations came before it.
            Figure("user_items rows", len(expected.user_items), relations, expected.counts_decided),
            Figure("items", len(expected.items), items),
            Figure(
                "users whose windows the input does not decide",
                None,
                len(expected.undecided),
                judged=False,
            ),
        ]
        forgotten = connection.execute(
            "SELECT count(*) FROM interestream.dead_letters WHERE user_id = ANY(%s)",
            (list(expected.forgotten),),
        ).fetchone()
        if expected.forgotten:
            assert forgotten is not None
            figures.append(Figure("dead letters of forgotten users", 0, forgotten[0]))
    return Report(figures, deviations, dict(findings.differences), findings.examples)


def _windows(
    expected: Expected,
    connection: Connection,
    space_id: int,
    tolerance: Tolerance,
    findings: _Findings,
) -> tuple[int, list[Deviation]]:
    """Number of stored rows, and the largest deviations."""
    wanted = expected.windows
    met = np.zeros(len(wanted.keys), bool)
    component, angle, weight = map(_Worst, ("vector component", "1 - cosine", "relative weight"))
    count = 0
    for stored in read_windows(connection, space_id):
        count += len(stored.keys)
        rows, places = _matched(expected, stored, met, findings)
        keys = [stored.keys[place] for place in places]
        weights, slack = wanted.weights[rows], wanted.slack[rows]
        size = np.maximum(np.abs(weights), LEAST_WEIGHT)
        weight.add(
            keys,
            np.abs(stored.weights[places] - weights) / size,
            tolerance.weight + slack / size,
        )
        for place, key in zip(places, keys, strict=True):
            as_of_us = int(wanted.as_of_ms[wanted.rows[key]]) * 1000
            if stored.as_of_us[place] != as_of_us:
                findings.add(
                    "windows with another as_of",
                    f"user {key[0]!r}, {key[1]}: {as_of_us} us expected, "
                    f"{stored.as_of_us[place]} us found",
                )
            if stored.weights[place] < LEAST_WEIGHT * (1 - tolerance.weight):
                findings.add(
                    "windows that weigh nothing",
                    f"user {key[0]!r}, {key[1]}: {stored.weights[place]:.2e}",
                )
        # The direction of what cancels out is noise.
        directed = _directed(expected, rows, tolerance)
        keys = [key for key, kept in zip(keys, directed, strict=True) if kept]
        places = [place for place, kept in zip(places, directed, strict=True) if kept]
        rows = rows[directed]
        found = np.array([stored.embeddings[place] for place in places], np.float64)
        units = wanted.units[rows].astype(np.float64)
        found = found.reshape(units.shape)
        agreement = wanted.agreement[rows]
        scale = np.maximum(1.0, tolerance.ill_conditioned / agreement)
        loose = wanted.slack[rows] / (agreement * wanted.weights[rows])
        off = np.abs(found - units).max(axis=1, initial=0.0)
        component.add(keys, off, tolerance.component * scale + loose)
        length = np.linalg.norm(found, axis=1) * np.linalg.norm(units, axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            apart = 1 - np.einsum("nd,nd->n", found, units) / length
        # 1 - cosine grows with half the square of the angle.
        allowed_angle = np.sqrt(2 * (1 - tolerance.cosine)) * scale + loose
        angle.add(keys, np.abs(apart), allowed_angle**2 / 2)
    everything = np.arange(len(wanted.keys))
    needed = _directed(expected, everything, tolerance)
    needed &= wanted.weights - wanted.slack >= LEAST_WEIGHT
    for row in np.flatnonzero(~met & needed):
        user_id, kind = wanted.keys[row]
        if user_id not in expected.undecided:
            findings.add("windows missing", f"user {user_id!r}, {kind}")
    return count, [worst.deviation() for worst in (component, angle, weight)]


def _directed(
    expected: Expected, rows: NDArray[np.int64], tolerance: Tolerance
) -> NDArray[np.bool_]:
    """Of which rows the sum is more than noise."""
    wanted = expected.windows
    length = wanted.agreement[rows] * wanted.weights[rows]
    cancelled = wanted.agreement[rows] < tolerance.cancelled
    found: NDArray[np.bool_] = ~cancelled & (length > 4 * wanted.slack[rows])
    return found


def _matched(
    expected: Expected, stored: StoredWindows, met: NDArray[np.bool_], findings: _Findings
) -> tuple[NDArray[np.int64], list[int]]:
    """Rows of the expectation and places among the stored rows that belong together.

    met: (expected rows,), set for every row that is there.
    """
    rows, places = [], []
    dim = expected.windows.units.shape[1]
    for place, key in enumerate(stored.keys):
        if key[0] in expected.undecided:
            continue
        row = expected.windows.rows.get(key)
        if row is None:
            findings.add("windows nobody expects", f"user {key[0]!r}, {key[1]}")
            continue
        met[row] = True
        found_dim = len(stored.embeddings[place])
        if found_dim == dim:
            rows.append(row)
            places.append(place)
        else:
            findings.add(
                "windows with another dimension",
                f"user {key[0]!r}, {key[1]}: {dim} expected, {found_dim} found",
            )
    return np.array(rows, np.int64), places


def _users(expected: Expected, connection: Connection, space_id: int, findings: _Findings) -> int:
    found = set()
    for user_id, events, last_event_us in read_users(connection, space_id):
        found.add(user_id)
        user = expected.users.get(user_id)
        if user is None:
            findings.add("users nobody expects", repr(user_id))
        elif (user.events, user.last_event_ms * 1000) != (events, last_event_us):
            findings.add(
                "users different",
                f"{user_id!r}: {user.events} events until {user.last_event_ms * 1000} us "
                f"expected, {events} until {last_event_us} us found",
            )
    for user_id in expected.users.keys() - found:
        findings.add("users missing", repr(user_id))
    return len(found)


def _user_items(
    expected: Expected, connection: Connection, tolerance: Tolerance, findings: _Findings
) -> int:
    found = set()
    for key, stored in read_user_items(connection):
        found.add(key)
        wanted = expected.user_items.get(key)
        if not expected.counts_decided and key[0] in expected.opted_out:
            continue
        if wanted is None:
            findings.add("user_items nobody expects", repr(key))
        elif not stored.whole_ms or not _same(
            wanted, stored.relation, tolerance, signals=key[0] not in expected.undecided
        ):
            findings.add(
                "user_items different", f"{key!r}: {wanted} expected, {stored.relation} found"
            )
    for key in expected.user_items.keys() - found:
        findings.add("user_items missing", repr(key))
    return len(found)


def _same(wanted: UserItem, found: UserItem, tolerance: Tolerance, *, signals: bool) -> bool:
    """signals: whether the input decides them."""
    if (wanted.actions, wanted.first_ms, wanted.last_ms) != (
        found.actions,
        found.first_ms,
        found.last_ms,
    ):
        return False
    if not signals:
        return True
    if wanted.signal is None or found.signal is None:
        return wanted.signal is None and found.signal is None
    limit = tolerance.weight * abs(wanted.signal) + wanted.slack
    return abs(wanted.signal - found.signal) <= limit and (
        (wanted.signal_ms, wanted.signal_key) == (found.signal_ms, found.signal_key)
    )


def _items(expected: Expected, connection: Connection, space_id: int, findings: _Findings) -> int:
    found = set()
    for item_id, document, available, vectors in read_items(connection, space_id):
        found.add(item_id)
        wanted = expected.items.get(item_id)
        if wanted is None:
            findings.add("items nobody expects", repr(item_id))
        elif expected.changes_decided and wanted != (document, available):
            findings.add(
                "items different", f"{item_id!r}: {wanted} expected, {(document, available)} found"
            )
        if not vectors:
            findings.add("items without a vector", repr(item_id))
    for item_id in expected.items.keys() - found:
        findings.add("items missing", repr(item_id))
    return len(found)


def _counters(expected: Expected, connection: Connection, space_id: int) -> list[Figure]:
    progress = read_progress(connection, space_id)
    letters = read_dead_letters(connection, space_id)
    zero = dict.fromkeys(
        (
            "records_in",
            "duplicates",
            "dead_letters",
            "waiting",
            "applied",
            "excluded",
            "unwritten",
        ),
        0,
    )
    figures: list[Figure] = []
    for stream, wanted in expected.counts.items():
        found = progress.get(stream, zero)
        # What waits in vain dies of `unknown_item`; the input decides only the sum.
        expired = letters.pop((stream, UNKNOWN_ITEM), 0)
        dead = Counter({r: n for (s, r), n in expected.dead_letters.items() if s == stream})
        dead_found = Counter({r: n for (s, r), n in letters.items() if s == stream})
        if stream == "control" and not wanted.records_in and not dead_found:
            continue
        if stream != "control":
            figures.append(Figure(f"{stream} in", wanted.records_in, found["records_in"]))
        figures.append(Figure(f"{stream}: dead letters", dead.total(), dead_found.total()))
        for reason in sorted(dead.keys() | dead_found.keys()):
            figures.append(
                Figure(f"{stream}: {reason}", dead[reason], dead_found[reason], judged=False)
            )
        if stream == "events":
            figures += _event_counters(expected, found, expired)
        if stream == "items":
            # Where an item was told twice at a time, the later line may have been read first.
            vectors = progress.get("vectors", zero)
            judged = expected.changes_decided
            figures += [
                Figure("items: documents changed", wanted.applied, found["applied"], judged),
                Figure("items: vectors written", wanted.applied, vectors["records_in"], judged),
            ]
    return figures


def _event_counters(expected: Expected, found: dict[str, int], expired: int) -> list[Figure]:
    wanted = expected.counts["events"]
    # Commands act when they come; the input may not say which events came before them.
    judged = expected.counts_decided
    kept = ("duplicates", "applied", "excluded")
    waiting = found["waiting"] + expired
    figures = [
        Figure(f"events: {name}", getattr(wanted, name), found[name], judged) for name in kept
    ]
    return [
        *figures,
        Figure("events: waiting or unknown_item", wanted.waiting, waiting, judged),
        Figure(
            "events: dead letters counted",
            wanted.dead_letters + expired,
            found["dead_letters"],
        ),
        Figure(
            "events: all counters together",
            found["records_in"],
            sum(found[name] for name in (*kept, "waiting", "dead_letters")),
        ),
        Figure("events: users with rows to be written", 0, found["unwritten"]),
    ]
