"""How well a model finds what users turned to next, alone and beside what needs no training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse

from model_export.sequence.interactions import Floats, Interactions, Ints
from model_export.sequence.windows import Windows, histories_before

TOP = 10
"""Length of the lists that are judged."""
POOL = 50
"""Items of each source that the blend chooses from."""
_CHUNK = 256
"""Questions whose scores of the whole catalogue are held at a time."""
_RULE_EVENTS = 20
"""Newest interactions that rules between items read."""
_TEXT_EVENTS = 32
_TEXT_HALF_LIFE = 3.0
"""Interactions after which one counts half in the mean of texts."""


@dataclass(frozen=True)
class Questions:
    """Interactions that are asked for, each with its user's history.

    `asked` `(n,)` are indices into `of`. The answer of each is an item that is new to its user.
    """

    of: Interactions
    asked: Ints

    @property
    def answers(self) -> Ints:
        """`(n,)`: rows of the catalogue."""
        return self.of.item[self.asked]

    def histories(self, width: int) -> Windows:
        """The newest `width` interactions before each question."""
        return histories_before(self.of, self.asked, width)

    def seen(self, question: int) -> Ints:
        """Rows of all items that a question's user had before it."""
        at = self.asked[question]
        return self.of.item[self.of.starts[self.of.user[at]] : at]


@dataclass(frozen=True, slots=True)
class Found:
    """Shares of questions, and by what they are counted.

    `hit_rate`: the answer is among the first ten; `ndcg`: the same, by its place.
    """

    hit_rate: float
    ndcg: float


def questions_since(of: Interactions, since_ms: int, most: int, seed: int) -> Questions:
    """At most `most` interactions from `since_ms` on, by chance, each with one before it."""
    at = np.arange(len(of))
    late = at[(of.time_ms >= since_ms) & (at > of.starts[of.user])]
    first = _first_of_pairs(of)
    late = late[first[late]]
    if len(late) > most:
        chosen = np.random.default_rng([seed, 31]).choice(len(late), most, replace=False)
        late = late[np.sort(chosen)]
    return Questions(of, late)


def _first_of_pairs(of: Interactions) -> NDArray[np.bool_]:
    """`(interactions,)`: whether the user has the item for the first time."""
    pairs = of.user.astype(np.int64) * len(of.item_ids) + of.item
    first = np.zeros(len(of), dtype=bool)
    first[np.unique(pairs, return_index=True)[1]] = True
    return first


def judge_model(questions: Questions, users: Floats, items: Floats) -> Found:
    """What a model finds alone, by cosines of `users` `(n, dim)` and `items` `(catalogue, dim)`."""
    places = np.empty(len(questions.asked), dtype=np.int64)
    for begin in range(0, len(users), _CHUNK):
        part = np.arange(begin, min(begin + _CHUNK, len(users)))
        scores = users[part] @ items.T
        for row, question in enumerate(part.tolist()):
            answer = scores[row, questions.answers[question]]
            scores[row, questions.seen(question)] = -np.inf
            places[question] = (scores[row] > answer).sum()
    return found_at(places)


def found_at(places: NDArray[np.int64]) -> Found:
    """Of the places `(n,)` of the answers, from 0; -1 for an answer that is nowhere.

    >>> found_at(np.array([0, 2, 10, -1]))
    Found(hit_rate=0.5, ndcg=0.375)
    """
    if not len(places):
        return Found(float("nan"), float("nan"))
    within = (places >= 0) & (places < TOP)
    gains = np.where(within, 1 / np.log2(2 + np.maximum(places, 0)), 0)
    return Found(float(within.mean()), float(gains.mean()))


def judge_blend(
    questions: Questions,
    known: Interactions,
    models: Mapping[str, tuple[Floats, Floats]],
    seed: int,
) -> dict[str, Found]:
    """What a blend of sources finds without a model (key ""), and with each of `models`.

    `known` are the interactions that counts and rules come from. A model is the vectors of the
    questions' users and of all items. Weights are fitted to a half of the questions that is drawn
    by chance, by the softmax over the candidates that `recommend()` learns with; the other half is
    judged. What is compared is thus what a source adds to those that need no training.
    """
    shared = _Sources(questions, known)
    asked = len(questions.asked)
    order = np.random.default_rng([seed, 37]).permutation(asked)
    to_fit = np.zeros(asked, dtype=bool)
    to_fit[order[: asked // 2]] = True
    found = {}
    for name, model in {"": None, **models}.items():
        tables = [_candidates(shared, question, model) for question in range(asked)]
        fitted = _fit([table for table, fit in zip(tables, to_fit, strict=True) if fit])
        places = [table.place(fitted) for table, fit in zip(tables, to_fit, strict=True) if not fit]
        found[name] = found_at(np.array(places, dtype=np.int64))
    return found


@dataclass(frozen=True)
class _Table:
    """Candidates of a question: features `(candidates, sources)`, and which is the answer."""

    features: Floats
    answer: int | None

    def place(self, weights: Floats) -> int:
        """The place of the answer from 0, -1 without one."""
        if self.answer is None:
            return -1
        scores = self.features @ weights
        return int((scores > scores[self.answer]).sum())


class _Sources:
    """What each question has of each source that needs no model."""

    def __init__(self, questions: Questions, known: Interactions) -> None:
        self.questions = questions
        items = len(known.item_ids)
        counts = np.bincount(known.item, minlength=items)
        newest_ms = np.quantile(known.time_ms, 0.9) if len(known) else 0
        lately: NDArray[np.bool_] = known.time_ms >= newest_ms
        counts_lately = np.bincount(known.item[lately], minlength=items)
        self.popular = [_share(np.log1p(each)) for each in (counts, counts_lately)]
        self._texts = known.texts.astype(np.float32)
        self._rules = _rules(known, counts)
        self._counts = counts
        last = questions.histories(_TEXT_EVENTS)
        weights = np.where(last.present, 2.0 ** (-_ages(last) / _TEXT_HALF_LIFE), 0)
        self._means = np.einsum("qe,qed->qd", weights, self._texts[last.item])
        self._means /= np.maximum(np.linalg.norm(self._means, axis=1, keepdims=True), 1e-9)
        near = questions.histories(_RULE_EVENTS)
        strength: NDArray[np.float64] = np.where(near.present, 2.0 ** (-_ages(near) / 3), 0)
        strength /= np.sqrt(np.maximum(counts[near.item], 1))
        rows = np.repeat(np.arange(len(near.at)), near.at.shape[1])
        self._told: Any = sparse.csr_array(
            (strength.ravel(), (rows, near.item.ravel())), shape=(len(near.at), items)
        )

    def of(self, question: int) -> list[Floats]:
        """`(items,)` each: popular at all times, popular lately, near in text, neighbors."""
        neighbors = (self._told[[question]] @ self._rules).toarray()[0]
        neighbors *= np.maximum(self._counts, 1) ** -0.25
        return [
            *self.popular,
            (self._texts @ self._means[question].astype(np.float32)),
            _share(np.sqrt(neighbors)),
        ]


def _ages(windows: Windows) -> Ints:
    """`(1, width)`: how many interactions ago each column is."""
    return np.arange(windows.at.shape[1] - 1, -1, -1)[None, :]


def _share(values: NDArray[np.floating[Any]]) -> Floats:
    """Values of which the largest is 1."""
    largest = values.max(initial=0)
    found: Floats = (values / largest if largest > 0 else values).astype(np.float32)
    return found


def _rules(known: Interactions, counts: NDArray[np.intp]) -> Any:
    """`(items, items)`: how often one item comes after another, by distance."""
    items = len(counts)
    total = sparse.csr_array((items, items))
    for distance in range(1, _RULE_EVENTS + 1):
        same = known.user[distance:] == known.user[:-distance]
        before, after = known.item[:-distance][same], known.item[distance:][same]
        apart = before != after
        weight = np.full(int(apart.sum()), distance**-0.5)
        forward = sparse.csr_array((weight, (before[apart], after[apart])), shape=(items, items))
        total = total + forward + 0.5 * forward.T
    return sparse.csr_array(total)


def _candidates(shared: _Sources, question: int, model: tuple[Floats, Floats] | None) -> _Table:
    values = shared.of(question)
    if model is not None:
        users, items = model
        values.append(items @ users[question])
    seen = shared.questions.seen(question)
    chosen: set[int] = set()
    for source in values:
        left = source.copy()
        left[seen] = -np.inf
        best = np.argpartition(left, -POOL)[-POOL:] if len(left) > POOL else np.arange(len(left))
        chosen.update(best[np.isfinite(left[best])].tolist())
    rows = np.array(sorted(chosen), dtype=np.intp)
    answer = np.flatnonzero(rows == shared.questions.answers[question])
    features = np.stack([source[rows] for source in values], axis=1).astype(np.float32)
    return _Table(features, int(answer[0]) if len(answer) else None)


def _fit(tables: Sequence[_Table]) -> Floats:
    """The weights `(sources,)` under which the answers are likeliest among the candidates."""
    known = [table for table in tables if table.answer is not None]
    sources = tables[0].features.shape[1] if tables else 0
    if not known:
        return np.ones(sources, dtype=np.float32)
    widest = max(len(table.features) for table in known)
    features = torch.zeros(len(known), widest, sources)
    there = torch.zeros(len(known), widest, dtype=torch.bool)
    answers = torch.tensor([table.answer for table in known])
    for row, table in enumerate(known):
        features[row, : len(table.features)] = torch.from_numpy(table.features)
        there[row, : len(table.features)] = True
    weights = torch.ones(sources, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        logits = (features @ weights).masked_fill(~there, -torch.inf)
        # A little draws weights towards 0, so that a source that says nothing has none.
        value = torch.nn.functional.cross_entropy(logits, answers) + 1e-4 * (weights**2).sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    fitted: Floats = weights.detach().numpy()
    return fitted
