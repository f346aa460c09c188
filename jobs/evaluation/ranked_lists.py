"""The lists of every system and baseline, with what is measured of each list by itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.evaluation.answers_file import Answer
from jobs.evaluation.baselines.walk import walk
from jobs.evaluation.interactions import Interactions
from jobs.evaluation.list_measures import diversity, novelty, popularity_bias, popularity_rank
from jobs.evaluation.measures import NO_ITEM, K


@dataclass(frozen=True)
class RankedLists:
    """The lists of one system, and a number for each question."""

    items: NDArray[np.int64]
    """Items `(questions, K)`, best first; NO_ITEM where a list is shorter."""
    diversity: NDArray[np.float64]
    """`(questions,)`, as are the next two; NaN where there is none."""
    novelty: NDArray[np.float64]
    popularity_bias: NDArray[np.float64]


def rank_all(
    interactions: Interactions,
    questions: NDArray[np.int64],
    vectors: NDArray[np.float32],
    answers: Mapping[str, Mapping[int, Answer]],
    on_question: Callable[[int], None] = lambda _: None,
) -> dict[str, RankedLists]:
    """The lists of the system, by way of asking, and then those of the baselines.

    `answers` holds the system's answer to every question, by way; `vectors` is `(items, dim)`.
    """
    number_of = {item_id: number for number, item_id in enumerate(interactions.item_ids)}
    lists: dict[str, list[NDArray[np.int64]]] = {}
    own: dict[str, list[tuple[float, float, float]]] = {}
    before_all = walk(interactions, questions, vectors, on_question)
    for question, before in zip(questions.tolist(), before_all, strict=True):
        popularity = popularity_rank(before.counts)
        answer = int(interactions.item[question])
        asked = {way: _padded(given[question], number_of) for way, given in answers.items()}
        for name, one in {**asked, **before.lists}.items():
            lists.setdefault(name, []).append(one)
            own.setdefault(name, []).append(
                (
                    diversity(one, vectors),
                    novelty(one, before.counts),
                    popularity_bias(one, answer, popularity),
                )
            )
    return {
        name: RankedLists(np.stack(found), *np.array(own[name]).T) for name, found in lists.items()
    }


def _padded(answer: Answer, number_of: Mapping[str, int]) -> NDArray[np.int64]:
    """The list as numbers `(K,)`; an item that is not in the catalogue is NO_ITEM."""
    numbers = [number_of.get(item_id, NO_ITEM) for item_id in answer.item_ids[:K]]
    return np.array(numbers + [NO_ITEM] * (K - len(numbers)), dtype=np.int64)
