"""One way of asking: how long answers take, and how much of the exact answer they hold."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import psutil
import psycopg
from numpy.typing import NDArray

from bench.recommend.catalogue import LANGUAGES, Catalogue, Person
from bench.recommend.database import NOW, Built, item_number, user_id
from bench.recommend.exact import Exact

WARM_UP = 25
NEW_DAYS = 50
TOGETHER = 20
"""Users of one call of recommend_many()."""


@dataclass(frozen=True)
class Case:
    """A filter as SQL and as a mask over the items `(n,)`; None for none."""

    name: str
    k: int
    filter_sql: str = "NULL"
    mask: NDArray[np.bool_] | None = None
    many: bool = False

    def rows(self, person: Person) -> int:
        """How many rows a person's answer must have."""
        if self.mask is None:
            return self.k
        touched = np.concatenate([person.seen, person.disliked])
        return min(self.k, int(self.mask.sum() - self.mask[touched].sum()))

    @property
    def passing(self) -> float:
        """Share of the items that the filter lets through."""
        return 1.0 if self.mask is None else float(self.mask.mean())


@dataclass(frozen=True)
class Measured:
    """Milliseconds of an answer; `cpu_ms` is the backend's processor time for one, which other
    work on the machine disturbs less. `recall` is the mean over people, None for many at once."""

    name: str
    items: int
    k: int
    passing: float
    calls: int
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    recall: float | None
    recall_p5: float | None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def cases(items: Catalogue) -> list[Case]:
    """Without a filter, with each kind of one, and for many users at once."""
    newest = NOW - timedelta(days=NEW_DAYS)
    filters = [
        ("category, 10 %", "interestream.item_filter('{tenth}')", items.tenth),
        ("category, 1 %", "interestream.item_filter('{hundredth}')", items.hundredth),
        (
            "language, 30 %",
            f"interestream.item_filter(p_languages => '{{{LANGUAGES[1]}}}')",
            items.language == 1,
        ),
        (
            f"newest {NEW_DAYS} days, 5 %",
            f"interestream.item_filter(p_published_after => '{newest.isoformat()}')",
            items.age_days <= NEW_DAYS,
        ),
        (
            "attribute, 0.2 %",
            """interestream.item_filter(p_attributes => '{"brand": 7}')""",
            items.brand == 7,
        ),
    ]
    return [
        Case("no filter", 10),
        Case("no filter", 50),
        *(Case(name, 50, sql, mask) for name, sql, mask in filters),
        Case(f"no filter, {TOGETHER} users in one call", 10, many=True),
    ]


def measure(
    db: psycopg.Connection, built: Built, case: Case, calls: int, on_call: Callable[[int], None]
) -> Measured:
    """Ask `calls` times for people in turn; recall is left to `recalls`."""
    backend = psutil.Process(db.info.backend_pid)
    users = [user_id(number) for number in range(len(built.people))]
    times_ms = []
    asked = 0
    for call in range(WARM_UP + calls):
        if call == WARM_UP:
            before = backend.cpu_times()
        started = time.perf_counter()
        if case.many:
            chosen = [users[(call * TOGETHER + place) % len(users)] for place in range(TOGETHER)]
            rows = db.execute(_many(case), [chosen]).fetchall()
        else:
            chosen = [users[call % len(users)]]
            rows = db.execute(_one(case), chosen).fetchall()
        times_ms.append((time.perf_counter() - started) * 1000 / len(chosen))
        if not case.many and len(rows) < (wanted := case.rows(built.people[call % len(users)])):
            raise AssertionError(f"{case.name}, {chosen[0]}: {len(rows)} rows of {wanted}")
        asked += len(chosen) if call >= WARM_UP else 0
        on_call(max(call - WARM_UP, 0))
    after = backend.cpu_times()
    cpu_s = after.user + after.system - before.user - before.system
    p50, p99 = np.percentile(times_ms[WARM_UP:], [50, 99])
    return Measured(
        case.name,
        len(built.items.vectors),
        case.k,
        case.passing,
        asked,
        float(p50),
        float(p99),
        cpu_s * 1000 / asked,
        None,
        None,
    )


def recalls(
    db: psycopg.Connection, built: Built, case: Case, exact: Exact, people: int
) -> NDArray[np.float64]:
    """Of each person's exact items, the share that recommend() lists without diversity."""
    found = []
    for number, person in enumerate(built.people[:people]):
        wanted = set(exact.best(person, case.rows(person), case.mask))
        rows = db.execute(_one(case, ", p_diversity => 0"), [user_id(number)]).fetchall()
        found.append(len(wanted & {item_number(row[1]) for row in rows}) / len(wanted))
    return np.array(found)


def _one(case: Case, more: str = "") -> bytes:
    return (
        f"SELECT * FROM interestream.recommend(%s, {case.k}, p_filter => {case.filter_sql}{more})"
    ).encode()


def _many(case: Case) -> bytes:
    return f"SELECT * FROM interestream.recommend_many(%s, {case.k})".encode()
