"""One way of asking: how long answers take, and how much of the exact answer they hold."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import psutil
import psycopg
from numpy.typing import NDArray

from bench.recommend.catalogue import LANGUAGES, Catalogue, Person
from bench.recommend.database import NOW, Built, item_number, user_id
from bench.recommend.exact import Exact, best, popularity

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


@dataclass(frozen=True)
class Timed:
    """Milliseconds of an answer; `cpu_ms` is the backend's processor time for one, which other
    work on the machine disturbs less."""

    answers: int
    p50_ms: float
    p99_ms: float
    cpu_ms: float

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
            "attribute, 0.2 %",
            """interestream.item_filter(p_attributes => '{"brand": 7}')""",
            items.brand == 7,
        ),
        (
            f"newest {NEW_DAYS} days, 5 %",
            f"interestream.item_filter(p_published_after => '{newest.isoformat()}')",
            items.age_days <= NEW_DAYS,
        ),
    ]
    return [
        Case("no filter", 10),
        Case("no filter", 50),
        *(Case(name, 50, sql, mask) for name, sql, mask in filters),
        Case(f"{TOGETHER} users in one call", 10, many=True),
    ]


def time_answers(
    db: psycopg.Connection,
    people: list[Person],
    case: Case,
    warm_up: int,
    calls: int,
    on_call: Callable[[], None],
) -> Timed:
    """Ask `calls` times for the people in turn; of many at once a user's share is an answer."""
    backend = psutil.Process(db.info.backend_pid)
    at_once = TOGETHER if case.many else 1
    times_ms = []
    for call in range(warm_up + calls):
        if call == warm_up:
            before = backend.cpu_times()
        numbers = [(call * at_once + place) % len(people) for place in range(at_once)]
        started = time.perf_counter()
        rows = _ask(db, case, [user_id(number) for number in numbers])
        times_ms.append((time.perf_counter() - started) * 1000 / at_once)
        wanted = sum(case.rows(people[number]) for number in set(numbers))
        if len(rows) != wanted:
            raise AssertionError(f"{case.name}, {numbers}: {len(rows)} rows of {wanted}")
        on_call()
    after = backend.cpu_times()
    cpu_s = after.user + after.system - before.user - before.system
    p50, p99 = np.percentile(times_ms[warm_up:], [50, 99])
    answers = calls * at_once
    return Timed(answers, float(p50), float(p99), cpu_s * 1000 / answers)


def recalls(
    db: psycopg.Connection,
    built: Built,
    asked: Sequence[Case],
    people: int,
    on_person: Callable[[], None],
) -> list[list[float]]:
    """For each case, of each person's exact items the share that recommend() lists without
    diversity."""
    exact = Exact(built.items, popularity(built.items, built.people))
    found: list[list[float]] = [[] for _ in asked]
    for number, score in enumerate(exact.scores(built.people[:people])):
        on_person()
        for case, shares in zip(asked, found, strict=True):
            wanted = best(score, case.rows(built.people[number]), case.mask)
            rows = _ask(db, case, [user_id(number)], ", p_diversity => 0")
            listed = {item_number(row[0]) for row in rows}
            if wanted:
                shares.append(len(wanted & listed) / len(wanted))
    return found


def _ask(
    db: psycopg.Connection, case: Case, users: list[str], more: str = ""
) -> list[tuple[Any, ...]]:
    if case.many:
        statement = f"SELECT * FROM interestream.recommend_many(%s, {case.k}{more})"
        return db.execute(statement.encode(), [users]).fetchall()
    statement = (
        "SELECT item_id, rank, title, categories, score, reason, source, source_item_id,"
        " source_title, nearest_liked_item_id, nearest_liked_title, parts"
        f" FROM interestream.recommend(%s, {case.k}, p_filter => {case.filter_sql}{more})"
    )
    return db.execute(statement.encode(), users).fetchall()
