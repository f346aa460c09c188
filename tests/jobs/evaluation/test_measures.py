"""Measures of lists, against the definitions written out for one list."""

import math

import numpy as np

from jobs.evaluation.measures import K, measures, ranks


def by_definition(listed: list[int], answer: int) -> dict[str, float]:
    """DCG over its best value, shares of right answers, and the reciprocal of the first hit."""
    gains = [1.0 if item == answer else 0.0 for item in listed]
    dcg = sum(gain / math.log2(place + 2) for place, gain in enumerate(gains[:10]))
    return {
        "HR@10": float(any(gains[:10])),
        "NDCG@10": dcg / (1.0 / math.log2(2)),
        "recall@20": sum(gains[:20]) / 1,
        "MRR@20": next((1 / (place + 1) for place, gain in enumerate(gains) if gain), 0.0),
    }


def test_every_measure_equals_its_definition():
    rng = np.random.default_rng(3)
    lists = np.stack([rng.permutation(60)[:K] for _ in range(300)])
    lists[::7, 12:] = -1
    answers = rng.integers(0, 60, 300)
    found = measures(ranks(lists, answers))
    for number, (listed, answer) in enumerate(zip(lists.tolist(), answers.tolist(), strict=True)):
        for name, value in by_definition(listed, answer).items():
            assert math.isclose(found[name][number], value), (name, listed, answer)


def test_an_answer_beyond_the_tenth_place_is_recalled_and_no_hit():
    found = measures(np.array([10, 11, 20]))
    assert found["HR@10"].tolist() == [1, 0, 0]
    assert found["NDCG@10"][1:].tolist() == [0, 0]
    assert found["recall@20"].tolist() == [1, 1, 1]
