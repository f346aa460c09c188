"""diverse(): greedy maximal marginal relevance, against the same in numpy."""

import numpy as np
import pytest

from tests.sql.builders import seeded, text


def greedy(vectors, scores, k, diversity, ranks):
    picks: list[int] = []
    while len(picks) < min(k, ranks, len(scores)):
        best, best_value = -1, -np.inf
        for place in range(len(scores)):
            if place in picks:
                continue
            shared = max([0.0, *(float(vectors[place] @ vectors[other]) for other in picks)])
            value = (1 - diversity) * scores[place] - diversity * shared
            if value > best_value + 1e-9:
                best, best_value = place, value
        picks.append(best)
    rest = [place for place in range(len(scores)) if place not in picks]
    return [place + 1 for place in (picks + rest)[:k]]


def diverse(db, vectors, scores, k, diversity, ranks=50):
    row = db.execute(
        "SELECT interestream.diverse(%s::halfvec[], %s::real[], %s, %s, %s)",
        [[text(vector) for vector in vectors], list(scores), k, diversity, ranks],
    ).fetchone()
    return row[0]


@pytest.mark.parametrize("diversity", [0.1, 0.3, 0.7, 1.0])
def test_it_is_greedy_maximal_marginal_relevance(db, diversity):
    vectors = seeded(40)
    scores = np.sort(np.random.default_rng(3).random(40))[::-1]
    assert diverse(db, vectors, scores, 10, diversity) == greedy(vectors, scores, 10, diversity, 50)


def test_without_diversity_the_order_is_that_of_the_scores(db):
    assert diverse(db, seeded(5), [0.9, 0.8, 0.7, 0.6, 0.5], 3, 0) == [1, 2, 3]


def test_places_beyond_the_diverse_ones_go_by_score(db):
    vectors = seeded(20)
    scores = np.linspace(1, 0, 20)
    assert diverse(db, vectors, scores, 15, 0.5, ranks=4) == greedy(vectors, scores, 15, 0.5, 4)


def test_fewer_candidates_than_asked_for_all_come(db):
    assert sorted(diverse(db, seeded(3), [0.3, 0.2, 0.1], 10, 0.5)) == [1, 2, 3]
