"""The metrics of the user writer: events by action, dead letters by reason, how fresh rows are."""

import time
from collections import Counter

import numpy as np
from pyflink.datastream.functions import RuntimeContext

from jobs.config import Config
from jobs.core.interest.user_batch import UserBatch
from jobs.core.parsing.events import NOTHING_KEPT
from jobs.metrics.catalogue import USERS
from jobs.operators.learner import Learner
from jobs.operators.metrics import StepMetrics
from jobs.operators.user_batches import CountedBatch
from jobs.sinks.connection import RetryingConnection

TABLES = ("users", "user_windows", "user_items", "dead_letters")
"""The tables that hold a row or more per event or dead letter."""


class UserMetrics(StepMetrics):
    """What is told of each batch that is committed."""

    def __init__(
        self, context: RuntimeContext, postgres: RetryingConnection, config: Config
    ) -> None:
        self._actions = list(config.actions)
        super().__init__(context, postgres, USERS, TABLES, {"action": self._actions})
        self._unwritten_by_bucket: dict[int, int] = {}
        self._learned = (0, 0, 0)

    def committed(self, counted: CountedBatch, took_s: float, learner: Learner) -> None:
        """Report a batch that has just been committed in `took_s` seconds."""
        now_ms = time.time_ns() // 1_000_000
        batch, measures = counted.batch, self.measures
        progress = batch.progress["events"]
        self.written(took_s, rows_of(batch))
        self.counted(batch.bucket, counted.before, progress)
        self._unwritten_by_bucket[batch.bucket] = progress.unwritten
        measures.set("unwritten", sum(self._unwritten_by_bucket.values()))
        reasons = Counter(letter.reason for dead in batch.dead.values() for letter in dead)
        measures.count_by_label("dead_letters", reasons)
        if counted.events is not None:
            events = counted.events
            numbers = np.bincount(events.code, minlength=len(self._actions)).tolist()
            by_action = dict(zip(self._actions, numbers, strict=True))
            measures.count_by_label("events", by_action)
            measures.observe("freshness_ms", now_ms - events.time_ms)
            measures.observe("delay_ms", np.full(len(events.code), now_ms - counted.began_ms))
        self._report_learning(learner)

    def _report_learning(self, learner: Learner) -> None:
        before, self._learned = (
            self._learned,
            (learner.questions, learner.answers, learner.errors),
        )
        names = ("learning_questions", "learning_answers", "learning_errors")
        for name, old, new in zip(names, before, self._learned, strict=True):
            self.measures.count(name, new - old)
        self.measures.count_time("learning_time_ms", learner.take_spent_s())


def rows_of(batch: UserBatch) -> dict[str, int]:
    """The number of rows of a batch, by table."""
    folded, user_items = batch.folded, batch.user_item_rows
    letters = (letter for dead in batch.dead.values() for letter in dead)
    return {
        "users": 0 if folded is None else len(folded.written_users),
        "user_windows": 0 if folded is None else sum(len(rows.user) for rows in folded.windows),
        "user_items": 0 if user_items is None else len(user_items.user_id),
        "dead_letters": sum(letter.reason not in NOTHING_KEPT for letter in letters),
    }
