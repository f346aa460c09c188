"""All figures of an evaluation, as one JSON object."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.evaluation.answers_file import Answer
from jobs.evaluation.bootstrap import intervals
from jobs.evaluation.calibration import calibration
from jobs.evaluation.interactions import Interactions
from jobs.evaluation.list_measures import coverage
from jobs.evaluation.measures import measures, ranks
from jobs.evaluation.ranked_lists import RankedLists
from jobs.evaluation.segments import segments
from jobs.evaluation.settings import COMPARED, EARLIER, FROZEN, RECOMMEND


def figures(
    interactions: Interactions,
    questions: NDArray[np.int64],
    ranked: Mapping[str, RankedLists],
    answers: Mapping[str, Mapping[int, Answer]],
) -> dict[str, Any]:
    """Measures of each system, over all questions and by segment, and paired differences.

    A mean is `{"mean", "low", "high"}`, with its interval at 95 % over users; null where there is
    nothing to measure.
    """
    user = interactions.user[questions]
    answer = interactions.item[questions]
    values = {name: measures(ranks(lists.items, answer)) for name, lists in ranked.items()}
    described = {
        name: {
            **values[name],
            "diversity": lists.diversity,
            "novelty": lists.novelty,
            "popularity_bias": lists.popularity_bias,
        }
        for name, lists in ranked.items()
    }
    masks = dict(segments(interactions.before_user[questions], interactions.before_item[questions]))
    compared = pairs(list(ranked))
    differences = {
        str(number): {key: values[of][key] - values[other][key] for key in values[of]}
        for number, (of, other) in enumerate(compared)
    }
    everywhere = np.ones(len(questions), dtype=np.bool_)
    return {
        "systems": {
            name: {
                **means,
                "coverage": coverage(ranked[name].items, len(interactions.item_ids)),
                "ms": _times([one.ms for one in answers.get(name, {}).values()]),
            }
            for name, means in _means(described, user, everywhere).items()
        },
        "segments": {
            segment: {
                "questions": int(mask.sum()),
                "users": len(np.unique(user[mask])),
                "systems": _means(values, user, mask),
            }
            for segment, mask in masks.items()
        },
        "differences": [
            {"of": of, "from": other, **means}
            for (of, other), means in zip(
                compared, _means(differences, user, everywhere).values(), strict=True
            )
        ],
        "calibration": (
            asdict(_calibration(interactions, answers[RECOMMEND])) if RECOMMEND in answers else None
        ),
    }


def pairs(names: Sequence[str]) -> list[tuple[str, str]]:
    """Which systems are compared: recommend() with each other one, and the changed one with it.

    >>> pairs([RECOMMEND, FROZEN, "popular, 1 d"])
    [('recommend()', 'recommend(), frozen'), ('recommend()', 'popular, 1 d')]
    """
    if RECOMMEND not in names:
        return []
    changed = [(COMPARED, RECOMMEND)] if COMPARED in names else []
    itself = [(RECOMMEND, name) for name in (EARLIER, FROZEN) if name in names]
    own = {RECOMMEND, EARLIER, FROZEN, COMPARED}
    others = [(RECOMMEND, name) for name in names if name not in own]
    return changed + itself + others


def _means(
    values: Mapping[str, Mapping[str, NDArray[np.float64]]],
    user: NDArray[np.int64],
    mask: NDArray[np.bool_],
) -> dict[str, dict[str, dict[str, float] | None]]:
    """The means of all measures `(questions,)` of all systems, over the questions of a mask."""
    keys = [(name, key) for name, each in values.items() for key in each]
    if not keys:
        return {}
    columns = np.stack([values[name][key][mask] for name, key in keys], axis=1)
    found: dict[str, dict[str, dict[str, float] | None]] = {name: {} for name in values}
    for (name, key), one in zip(keys, intervals(columns, user[mask]), strict=True):
        found[name][key] = None if math.isnan(one.mean) else asdict(one)
    return found


def _times(ms: Sequence[float]) -> dict[str, float] | None:
    if not ms:
        return None
    return {"p50": float(np.quantile(ms, 0.5)), "p95": float(np.quantile(ms, 0.95))}


def _calibration(interactions: Interactions, answers: Mapping[int, Answer]) -> Any:
    scores: list[float] = []
    right: list[bool] = []
    for question, answer in answers.items():
        wanted = interactions.item_ids[interactions.item[question]]
        scores.extend(answer.chances)
        right.extend(item_id == wanted for item_id in answer.item_ids)
    return calibration(np.array(scores, dtype=np.float64), np.array(right, dtype=np.bool_))
