"""Ranks by every baseline before each question, from the interactions before it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.evaluation.baselines.blend import blend
from jobs.evaluation.baselines.histories import Histories
from jobs.evaluation.baselines.popularity import WindowedPopularity
from jobs.evaluation.baselines.rank import best
from jobs.evaluation.baselines.sequence_rules import WINDOW, SequenceRules
from jobs.evaluation.baselines.text import MEAN_OF, text_scores
from jobs.evaluation.interactions import Interactions
from jobs.evaluation.measures import K

HOUR_MS = 3_600_000
WINDOWS_MS: dict[str, int | None] = {
    "popular, 6 h": 6 * HOUR_MS,
    "popular, 1 d": 24 * HOUR_MS,
    "popular, 7 d": 7 * 24 * HOUR_MS,
    "popular, 30 d": 30 * 24 * HOUR_MS,
    "popular, all time": None,
}
FOR_UNKNOWN = "popular, 1 d"
"""What the text mean gives to a user without any interaction."""
_ALL_TIME = "popular, all time"
_TIE_BREAK = 1e-3
"""Share of all-time popularity in a window's: a short window is nearly all ties."""


@dataclass(frozen=True)
class BeforeQuestion:
    """The baselines' answers to a question, and what was popular before it."""

    lists: dict[str, NDArray[np.int64]]
    """The items `(K,)` of each baseline by name, best first."""
    counts: NDArray[np.int64]
    """Interactions of each item `(items,)` before the question; valid until the next one."""


def walk(
    interactions: Interactions,
    questions: NDArray[np.int64],
    vectors: NDArray[np.float32] | None,
    on_question: Callable[[int], None] = lambda _: None,
) -> Iterator[BeforeQuestion]:
    """Yield the answers to each of `questions`, which are indices of interactions, rising.

    An answer is computed from the interactions before its question alone. `vectors` is `(items,
    dim)`; without it the baselines of text, and the blend, are left out. `on_question` is called
    with the number of answers so far.
    """
    items = len(interactions.item_ids)
    histories = Histories()
    rules = SequenceRules(items)
    windows = {name: WindowedPopularity(items, length) for name, length in WINDOWS_MS.items()}
    start = 0
    for number, question in enumerate(questions.tolist()):
        for at in range(start, question):
            user, item = int(interactions.user[at]), int(interactions.item[at])
            time_ms = int(interactions.time_ms[at])
            rules.add(item, histories.last(user, WINDOW), time_ms)
            histories.add(user, item)
            for window in windows.values():
                window.add(item, time_ms)
        start = question
        user, now_ms = int(interactions.user[question]), int(interactions.time_ms[question])
        parts = {name: window.scores(now_ms) for name, window in windows.items()}
        last = histories.last(user, MEAN_OF)
        parts["co-occurrence"] = rules.scores(last, now_ms)
        counts = windows[_ALL_TIME].counts(now_ms)
        if vectors is not None:
            texts = text_scores(vectors, last)
            parts["text mean"], parts["text nearest"] = texts.mean, texts.nearest
            parts["no event yet"] = (counts == 0).astype(np.float64)
        yield BeforeQuestion(_lists(parts, histories.all(user)), counts)
        on_question(number + 1)


def _lists(
    parts: dict[str, NDArray[np.float64]], seen: NDArray[np.int64]
) -> dict[str, NDArray[np.int64]]:
    """The list of each baseline, without the items `seen`."""
    lists = {
        name: best(parts[name] + _TIE_BREAK * parts[_ALL_TIME], seen, K) for name in WINDOWS_MS
    }
    lists["co-occurrence"] = best(parts["co-occurrence"], seen, K, above=0.0)
    if "text mean" in parts:
        known = bool(parts["text mean"].any())
        lists["text mean"] = best(parts["text mean"], seen, K) if known else lists[FOR_UNKNOWN]
        lists["blend, fixed"] = best(blend(parts), seen, K)
    return lists
