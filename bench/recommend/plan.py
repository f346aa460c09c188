"""Asks one database all kinds of question: first alone, then during writes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg

from bench.harness.progress import RunBar
from bench.recommend.database import Built
from bench.recommend.measure import Case, Timed, cases, recalls, time_answers
from bench.recommend.result import Measured
from bench.recommend.writer import writing


@dataclass(frozen=True)
class Plan:
    """How much is asked."""

    users: int
    warm_up: int
    """Calls of each kind before the measured ones."""
    calls: int
    judged: int
    """Users whose recall is measured."""
    only: str
    """Kinds of question whose name contains this."""
    build_only: bool
    """Whether only the databases are built."""


def measured_of(built: Built, plan: Plan, bar: RunBar, report: dict[str, Any]) -> list[Measured]:
    """The results of each kind of question; adds the rate of the writes to `report`.

    Raises WriterError when the process that writes fails.
    """
    chosen = [case for case in cases(built.items) if plan.only in case.name]
    single = [case for case in chosen if not case.many]
    with psycopg.connect(built.dsn, autocommit=True) as db:
        bar.restart("exact answers", plan.judged)
        shares = recalls(db, built, single, plan.judged, bar.advance)
        alone = [_times(db, built, case, plan, "alone", bar) for case in chosen]
        with writing(built.dsn, built.items) as written:
            under = [_times(db, built, case, plan, "under writes", bar) for case in chosen]
    report["written_rows_per_s"] = round(written.rows_per_s)
    by_name = {(case.name, case.k): own for case, own in zip(single, shares, strict=True)}
    return [
        Measured(
            case.name,
            len(built.items.vectors),
            case.k,
            quiet,
            busy,
            float(np.mean(own)) if (own := by_name.get((case.name, case.k))) else None,
            float(np.percentile(own, 5)) if own else None,
        )
        for case, quiet, busy in zip(chosen, alone, under, strict=True)
    ]


def _times(
    db: psycopg.Connection, built: Built, case: Case, plan: Plan, how: str, bar: RunBar
) -> Timed:
    bar.restart(f"{case.name}, k = {case.k}, {how}", plan.warm_up + plan.calls)
    return time_answers(db, built.people, case, plan.warm_up, plan.calls, bar.advance)
