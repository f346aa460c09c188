"""The learner: asks before a batch counts what its users would have been recommended."""

import logging
import time

import numpy as np
import psycopg
from numpy.typing import NDArray

from jobs.config import Config
from jobs.core.interest.user_batch import UserBatch
from jobs.core.learning.sampling import Question, TimeBudget, sample_questions
from jobs.core.learning.softmax_step import softmax_step
from jobs.errors import SpaceGoneError
from jobs.sinks.held_space import hold_space
from jobs.sinks.learned_weights import (
    add_step,
    ask,
    count_gain,
    gain_of_sequence,
    weights_of_clicks,
)

log = logging.getLogger(__name__)

_COUNTS_S = 60.0
"""Time for which counts of click-through are kept, in seconds."""
_PAUSE_S = 60.0
"""Time without questions after an error of Postgres, in seconds."""
_SETTINGS = "SET LOCAL statement_timeout = '1s'; SET LOCAL synchronous_commit = off"
"""Of the transaction of a question: a step that is lost with the server is one of thousands."""


class Learner:
    """Learns the weights of the sources from a sample of the interactions of each batch.

    It has a connection of its own. Nothing waits for it but the batch at hand, and no error of it
    stops the job: learning pauses, and the log says why.
    """

    def __init__(self, config: Config, space_id: int) -> None:
        self._config = config
        self._learning = config.learning
        self._space_id = space_id
        self._budget = TimeBudget(self._learning.time_share, time.monotonic)
        self._random = np.random.default_rng()
        self._connection: psycopg.Connection | None = None
        self._paused_until_s = 0.0
        self._click_weights: NDArray[np.float64] | None = None
        self._counts_until_s = 0.0
        self.questions = 0
        """Questions that were asked, since the start."""
        self.answers = 0
        """Of these, those whose item was a candidate, so that a step was taken."""
        self._spent_s = 0.0
        self.errors = 0
        """Errors of Postgres, after each of which learning paused."""

    def learn(self, batch: UserBatch) -> None:
        """Ask about a sample of the batch's interactions, which must not be written yet."""
        rows = batch.user_item_rows
        if not self._learning.enabled or rows is None or not rows.user_id:
            return
        if time.monotonic() < self._paused_until_s:
            return
        try:
            for question in sample_questions(
                rows, self._learning.sample, self._random, batch.clicked_places
            ):
                if not self._budget.allows():
                    return
                started_s = time.perf_counter()
                self._ask(question)
                took_s = time.perf_counter() - started_s
                self._budget.spent(took_s)
                self.questions += 1
                self._spent_s += took_s
        except SpaceGoneError:
            # The transaction of the batch meets it next, and ends the job.
            return
        except psycopg.Error as error:
            self.close()
            self.errors += 1
            self._paused_until_s = time.monotonic() + _PAUSE_S
            log.warning(
                "The weights of the sources are not learned for %.0f s: %s",
                _PAUSE_S,
                type(error).__name__,
            )

    def take_spent_s(self) -> float:
        """Return the time of the questions since the last call, in seconds."""
        spent_s, self._spent_s = self._spent_s, 0.0
        return spent_s

    def close(self) -> None:
        """Close the connection, if one is open."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, question: Question) -> None:
        connection = self._open()
        with connection.transaction():
            connection.execute(_SETTINGS)
            hold_space(connection, self._space_id)
            asked = ask(connection, self._space_id, question)
            if asked is None:
                return
            gain = gain_of_sequence(asked)
            if gain is not None:
                count_gain(connection, self._space_id, gain)
            gradient = None
            if asked.answer is not None:
                gradient = softmax_step(asked.features, asked.weights, asked.answer).gradient
                if question.place:
                    gradient *= self._weight_of_click(connection, question.place)
                self.answers += 1
            add_step(connection, self._space_id, asked, gradient, self._learning)

    def _weight_of_click(self, connection: psycopg.Connection, place: int) -> float:
        """What a click at a position counts, by counts that are at most `_COUNTS_S` old."""
        now_s = time.monotonic()
        if self._click_weights is None or now_s >= self._counts_until_s:
            self._click_weights = weights_of_clicks(connection, self._space_id)
            self._counts_until_s = now_s + _COUNTS_S
        return float(self._click_weights[place - 1])

    def _open(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(
                self._config.database.dsn.get_secret_value(),
                autocommit=True,
                connect_timeout=2,
                application_name="interestream-learner",
            )
        return self._connection
