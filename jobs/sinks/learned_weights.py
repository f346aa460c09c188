"""Asks what `recommend()` would choose from, and adds steps to the learned weights."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import psycopg
from numpy.typing import NDArray

from jobs.core.feedback.contexts import MAX_PLACE
from jobs.core.learning.position_bias import click_weights
from jobs.core.learning.sampling import Question
from jobs.learning_settings import Learning

POOL = 40
"""Results of each search by text among the candidates, as for a list of twenty."""
START = 1.0
"""What the sum of squared gradients begins with: the first steps are no longer than the rate."""
SAME_VISIT = timedelta(minutes=30)
"""Impressions so shortly before the answer, or after it, are no part of the question: the user is
still choosing among them, so that none was shown in vain yet."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FADE = 0.999
"""Factor by which the counts of questions fade with each question."""

_CANDIDATES = """
SELECT c.segment, c.item_id, c.features::real[] AS features
FROM interestream.candidates(
    ARRAY[%(user)s], %(pool)s, %(space)s, p_cold => true, p_shown_until => %(shown_until)s
) AS c
WHERE NOT EXISTS (
    SELECT FROM interestream.user_items AS known
    WHERE
        known.user_id = %(user)s AND known.item_id = %(item)s
        AND (
            NOT interestream.has_repeat_rules()
            OR interestream.counts_as_seen(known, interestream.seen_mask(), true)
        )
)
"""

_FROZEN = """
SELECT EXISTS (SELECT FROM interestream.frozen_weights AS f WHERE f.space_id = %s)
"""

_WEIGHTS = """
SELECT
    r.sources, r.weights,
    ARRAY(
        SELECT fixed.source FROM interestream.source_weights AS fixed
        WHERE fixed.segment = %(segment)s
    )
FROM interestream.ranking_weights(%(space)s, %(segment)s) AS r
"""

# Writers learn together, one step at a time: rows locked in two orders would be a deadlock.
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('interestream.learned_weights'), %s)"

_ROWS = """
INSERT INTO interestream.learned_weights (space_id, segment, source, delta, squares)
SELECT %(space)s, segments.segment, sources.source, 0, %(start)s
FROM unnest(%(segments)s::text[]) AS segments (segment)
CROSS JOIN unnest(%(sources)s::text[]) AS sources (source)
ON CONFLICT DO NOTHING
"""

_STEP = """
UPDATE interestream.learned_weights AS t
SET delta = least(greatest(
        t.delta * CASE t.segment WHEN 'all' THEN 1 ELSE 1 - %(shrink)s END
        + %(rate)s * n.gradient / sqrt(t.squares + n.gradient * n.gradient),
        -%(bound)s), %(bound)s),
    squares = t.squares + n.gradient * n.gradient,
    learned_at = clock_timestamp()
FROM unnest(%(sources)s::text[], %(gradients)s::double precision[]) AS n (source, gradient)
WHERE t.space_id = %(space)s AND t.segment = ANY(%(segments)s) AND t.source = n.source
"""

_COUNT = """
INSERT INTO interestream.learning AS t (space_id, segment, steps, asked, found)
VALUES (%(space)s, %(segment)s, %(found)s, 1, %(found)s)
ON CONFLICT (space_id, segment) DO UPDATE SET
    steps = t.steps + excluded.found::bigint,
    asked = t.asked * %(fade)s + 1, found = t.found * %(fade)s + excluded.found,
    learned_at = clock_timestamp()
"""


# The newest model that serves is the one whose vectors of users are in use, but for users who have
# not turned to anything since it came.
_QUALITY = """
INSERT INTO interestream.sequence_quality AS t (space_id, questions, at_first, lately)
SELECT m.space_id, 1, %(gain)s, %(gain)s
FROM interestream.spaces AS m
WHERE m.of_space = %(space)s AND m.serving
ORDER BY m.space_id DESC LIMIT 1
ON CONFLICT (space_id) DO UPDATE SET
    questions = t.questions + 1,
    at_first = CASE
        WHEN t.questions < %(first)s THEN t.at_first + (%(gain)s - t.at_first) / (t.questions + 1)
        ELSE t.at_first
    END,
    lately = t.lately
        + (%(gain)s - t.lately) * greatest(1.0 / (t.questions + 1), 1.0 / %(first)s),
    asked_at = clock_timestamp()
"""
FIRST_QUESTIONS = 500
"""Questions of a model that say how well it began; a mean over as many says how well it does."""

_CLICKS = """
SELECT place, sum(impressions)::bigint, sum(clicks)::bigint FROM interestream.click_counts
WHERE space_id = %s AND place > 0 GROUP BY place
"""


@dataclass(frozen=True)
class Asked:
    """What `recommend()` chooses from for a user, before it is known what the user turned to.

    - `segment`: none, few or many, by what the user has liked.
    - `features`: `(candidates, sources)`; `weights`: `(sources,)`, what they count now.
    - `learned`: `(sources,)`, whether a source is in use for the segment.
    - `answer`: index of the candidate that the user turned to, None if it is none of them.
    """

    segment: str
    sources: Sequence[str]
    features: NDArray[np.float64]
    weights: NDArray[np.float64]
    learned: NDArray[np.bool_]
    answer: int | None


def ask(connection: psycopg.Connection, space_id: int, question: Question) -> Asked | None:
    """The candidates of the question's user, None where there is nothing to learn.

    That is a user without candidates, an item that the user has met before and that may not come
    again by `repeat_rules`, or frozen weights.
    """
    frozen = connection.execute(_FROZEN, [space_id]).fetchone()
    if frozen is None or frozen[0]:
        return None
    named = {
        "user": question.user_id,
        "item": question.item_id,
        "space": space_id,
        "pool": POOL,
        "shown_until": EPOCH + timedelta(milliseconds=question.at_ms) - SAME_VISIT,
    }
    rows = connection.execute(_CANDIDATES, named).fetchall()
    if not rows:
        return None
    segment = rows[0][0]
    row = connection.execute(_WEIGHTS, {"space": space_id, "segment": segment}).fetchone()
    assert row is not None
    sources, weights, used = row
    features = np.array([features for _, _, features in rows], dtype=np.float64)
    if features.shape[1] != len(sources):
        # A horizon was counted for the first time between the two statements.
        return None
    ids = [item_id for _, item_id, _ in rows]
    answer = ids.index(question.item_id) if question.item_id in ids else None
    return Asked(
        segment,
        sources,
        features,
        np.array(weights, dtype=np.float64),
        np.array([source in used for source in sources]),
        answer,
    )


def gain_of_sequence(asked: Asked, top: int = 10) -> float | None:
    """The gain of the answer's place by the sequence model alone; None where that says nothing.

    It is `1 / log2(1 + place)` for a place up to `top`, among the candidates, and 0 beyond.
    """
    if "sequence" not in asked.sources:
        return None
    said = asked.features[:, asked.sources.index("sequence")]
    if not said.any():
        return None
    if asked.answer is None:
        return 0.0
    place = 1 + int((said > said[asked.answer]).sum())
    return float(1 / np.log2(1 + place)) if place <= top else 0.0


def count_gain(connection: psycopg.Connection, space_id: int, gain: float) -> None:
    """Count a question of the sequence model in use."""
    named = {"space": space_id, "gain": gain, "first": FIRST_QUESTIONS}
    connection.execute(_QUALITY, named)


def add_step(
    connection: psycopg.Connection,
    space_id: int,
    asked: Asked,
    gradient: NDArray[np.float64] | None,
    learning: Learning,
) -> None:
    """Add a step along `gradient` `(sources,)` inside the caller's transaction, and count it.

    None counts a question whose answer was no candidate. Steps add up: those of several writers,
    and the few that are repeated after a failure.
    """
    connection.execute(_LOCK, [space_id])
    named = {
        "space": space_id,
        "segment": asked.segment,
        "found": int(gradient is not None),
        "fade": FADE,
    }
    connection.execute(_COUNT, named)
    if gradient is None:
        return
    step = {
        "space": space_id,
        "segments": ["all", asked.segment],
        "sources": [asked.sources[place] for place in np.flatnonzero(asked.learned)],
        "gradients": gradient[asked.learned].tolist(),
        "start": START,
        "rate": learning.rate,
        "shrink": learning.segment_shrink,
        "bound": learning.bound,
    }
    connection.execute(_ROWS, step)
    connection.execute(_STEP, step)


def weights_of_clicks(connection: psycopg.Connection, space_id: int) -> NDArray[np.float64]:
    """What a click at each position counts, `(MAX_PLACE,)`, the first position first."""
    impressions = np.zeros(MAX_PLACE, dtype=np.int64)
    clicks = np.zeros(MAX_PLACE, dtype=np.int64)
    for place, shown, clicked in connection.execute(_CLICKS, [space_id]).fetchall():
        impressions[place - 1], clicks[place - 1] = shown, clicked
    return click_weights(impressions, clicks)
