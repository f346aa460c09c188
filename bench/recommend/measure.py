"""One kind of question: the time of its answers, and their recall."""

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
from bench.recommend.exact import Exact, best

NEW_DAYS = 50
TOGETHER = 20
"""Users in one call of `recommend_many()`."""


@dataclass(frozen=True)
class Case:
    """One kind of question."""

    name: str
    k: int
    """Number of recommendations."""
    filter_sql: str = "NULL"
    mask: NDArray[np.bool_] | None = None
    """The items `(n,)` that pass the filter; None without a filter."""
    many: bool = False
    """Whether one call is for many users."""

    def rows(self, person: Person) -> int:
        """Number of rows that a person's answer must have."""
        if self.mask is None:
            return self.k
        touched = np.concatenate([person.seen, person.disliked])
        return min(self.k, int(self.mask.sum() - self.mask[touched].sum()))


@dataclass(frozen=True)
class Timed:
    """Milliseconds of an answer."""

    answers: int
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    """Processor time of the backend, which other work on the machine disturbs less."""

    def as_json(self) -> dict[str, Any]:
        """All fields by name."""
        return asdict(self)


def cases(items: Catalogue) -> list[Case]:
    """Questions without a filter, with each kind of filter, and for many users at once."""
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
    """Ask `calls` times for the people in turn; a call for many users counts as that many answers.

    Raises AssertionError when an answer has too few or too many rows.
    """
    backend = psutil.Process(db.info.backend_pid)
    at_once = TOGETHER if case.many else 1
    times_ms = []
    for call in range(warm_up + calls):
        if call == warm_up:
            before = backend.cpu_times()
        numbers = [(call * at_once + index) % len(people) for index in range(at_once)]
        started = time.perf_counter()
        rows = _ask(db, case, [user_id(number) for number in numbers])
        times_ms.append((time.perf_counter() - started) * 1000 / at_once)
        expected = sum(case.rows(people[number]) for number in set(numbers))
        if len(rows) != expected:
            raise AssertionError(f"{case.name}, {numbers}: {len(rows)} rows of {expected}")
        on_call()
    after = backend.cpu_times()
    cpu_s = after.user + after.system - before.user - before.system
    p50, p99 = np.percentile(times_ms[warm_up:], [50, 99])
    answers = calls * at_once
    return Timed(answers, float(p50), float(p99), cpu_s * 1000 / answers)


def recalls(
    db: psycopg.Connection,
    built: Built,
    chosen: Sequence[Case],
    people: int,
    on_person: Callable[[], None],
) -> list[list[float]]:
    """For each case, the recall of `recommend()` for each of the first `people` people.

    The recall is the share of the exact items that it lists with diversity 0.
    """
    row = db.execute("SELECT sources, weights FROM interestream.ranking_weights(1, 'many')")
    weights = dict(zip(*row.fetchall()[0], strict=True))
    exact = Exact(built.items, built.made, weights)
    found: list[list[float]] = [[] for _ in chosen]
    asked = exact.scores(built.people[:people], [(case.k, case.mask) for case in chosen])
    for number, scores in enumerate(asked):
        on_person()
        for case, score, shares in zip(chosen, scores, found, strict=True):
            exact_items = best(score, case.rows(built.people[number]))
            rows = _ask(db, case, [user_id(number)], ", p_diversity => 0, p_explore => 0")
            listed = {item_number(row[0]) for row in rows}
            if exact_items:
                shares.append(len(exact_items & listed) / len(exact_items))
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
