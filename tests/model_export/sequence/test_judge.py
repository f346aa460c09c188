"""How a model is judged: places among the whole catalogue, and what it adds to other sources."""

import numpy as np
import pytest

from model_export.sequence.interactions import ordered
from model_export.sequence.judge import (
    Questions,
    judge_blend,
    judge_model,
    questions_since,
)
from tests.model_export.sequence.planted import blocks, texts


def test_seen_items_take_no_place_and_equals_do_not_either():
    user, item = np.zeros(3, dtype=np.intp), np.array([0, 1, 2])
    of = ordered(user, item, np.arange(3), np.ones(3, np.float32), list("abcde"), texts(5))
    questions = Questions(of, np.array([2]))
    # By cosine: a, b (both seen), then d before the answer c, and e like c.
    items = np.array([[0.9], [0.8], [0.5], [0.6], [0.5]], dtype=np.float32)
    found = judge_model(questions, np.ones((1, 1), np.float32), items)
    assert found.hit_rate == 1.0
    assert found.ndcg == pytest.approx(1 / np.log2(3))


def test_what_a_user_had_before_is_not_asked_and_a_first_one_is_not():
    user, item = np.zeros(4, dtype=np.intp), np.array([0, 1, 0, 2])
    of = ordered(user, item, np.arange(4), np.ones(4, np.float32), list("abc"), texts(3))
    assert questions_since(of, 0, 10, 0).asked.tolist() == [1, 3]
    assert questions_since(of, 3, 10, 0).asked.tolist() == [3]


def test_a_sample_of_the_questions_is_the_same_for_the_same_seed():
    of = blocks(50)
    first = questions_since(of, 0, 20, 0).asked
    assert len(first) == 20
    assert first.tolist() == questions_since(of, 0, 20, 0).asked.tolist()
    assert first.tolist() != questions_since(of, 0, 20, 1).asked.tolist()


def test_a_source_that_knows_adds_and_one_that_says_nothing_does_not():
    of = blocks()
    since = int(np.quantile(of.time_ms, 0.8))
    questions = questions_since(of, since, 200, 0)
    items = np.eye(len(of.item_ids), dtype=np.float32)
    knows = items[questions.answers]
    nothing = np.zeros_like(knows)
    found = judge_blend(
        questions, of.until(since), {"knows": (knows, items), "nothing": (nothing, items)}, 0
    )
    assert found["knows"].ndcg > 0.95
    assert found[""].ndcg < 0.8
    assert found["nothing"].ndcg == pytest.approx(found[""].ndcg, abs=0.02)
