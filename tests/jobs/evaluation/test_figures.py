"""Figures of an evaluation, and the page that shows them."""

import numpy as np
import orjson
import pytest

from jobs.evaluation.answers_file import Answer
from jobs.evaluation.figures import figures
from jobs.evaluation.ranked_lists import rank_all
from jobs.evaluation.report_page import report_page
from jobs.evaluation.settings import COMPARED, FROZEN, RECOMMEND
from tests.jobs.evaluation.worlds import random_interactions

WORLD = random_interactions(8, users=20, count=300)
QUESTIONS = np.arange(200, 300, 2)
VECTORS = np.eye(30, dtype=np.float32)


def answer_at(place, question):
    """A list with the answer at a place from 1, among others; 0 leaves it out."""
    right = WORLD.item_ids[WORLD.item[question]]
    others = [item_id for item_id in WORLD.item_ids if item_id != right][:20]
    listed = [*others[: place - 1], right, *others[place - 1 : 19]] if place else others
    return Answer(tuple(listed), tuple(1 / (1 + n) for n in range(20)), 2.0)


def answers(place):
    return {question: answer_at(place, question) for question in QUESTIONS.tolist()}


GIVEN = {RECOMMEND: answers(3), FROZEN: answers(0), COMPARED: answers(1)}


@pytest.fixture(scope="module")
def found():
    ranked = rank_all(WORLD, QUESTIONS, VECTORS, GIVEN)
    return figures(WORLD, QUESTIONS, ranked, GIVEN)


def test_means_are_those_of_the_places(found):
    assert found["systems"][RECOMMEND]["NDCG@10"] == {"mean": 0.5, "low": 0.5, "high": 0.5}
    assert found["systems"][FROZEN]["recall@20"]["mean"] == 0.0
    assert found["systems"][COMPARED]["MRR@20"]["mean"] == 1.0


def test_differences_are_paired_with_what_they_are_compared_with(found):
    pairs = [(one["of"], one["from"]) for one in found["differences"]]
    assert pairs[:2] == [(COMPARED, RECOMMEND), (RECOMMEND, FROZEN)]
    assert ("recommend()", "blend, fixed") in pairs
    by_pair = dict(zip(pairs, found["differences"], strict=True))
    assert by_pair[COMPARED, RECOMMEND]["NDCG@10"] == {"mean": 0.5, "low": 0.5, "high": 0.5}
    assert by_pair[RECOMMEND, FROZEN]["HR@10"]["mean"] == 1.0


def test_segments_count_their_questions(found):
    before = WORLD.before_user[QUESTIONS]
    segments = found["segments"]
    assert segments["user: 10 and more before"]["questions"] == (before >= 10).sum()
    assert segments["user: 3-9 before"]["questions"] == ((before >= 3) & (before < 10)).sum()
    of_users = [one["questions"] for name, one in segments.items() if name.startswith("user")]
    assert sum(of_users) == len(QUESTIONS)


def test_lists_are_described(found):
    described = found["systems"][RECOMMEND]
    # No two of these vectors have anything in common.
    assert described["diversity"]["mean"] == 1.0
    assert 20 / 30 <= described["coverage"] <= 1
    assert described["ms"] == {"p50": 2.0, "p95": 2.0}
    assert found["systems"]["co-occurrence"]["ms"] is None


def test_calibration_compares_scores_with_the_share_that_was_right(found):
    # The third item is right always and has the score 1/3; no other one ever is.
    expected = (sum(1 / (1 + n) for n in range(20)) - 1 / 3 + 2 / 3) / 20
    assert found["calibration"]["error"] <= expected + 1e-9
    assert sum(found["calibration"]["items"]) == 20 * len(QUESTIONS)


def test_figures_are_json_without_nan(found):
    assert b"NaN" not in orjson.dumps(found)


def test_the_page_has_a_row_for_each_system_and_difference(found):
    page = report_page(
        {
            "data": "world",
            "settings": {"protocol": "prequential", "seed": 1},
            "counts": {
                "questions": 50,
                "question_users": 20,
                "interactions": 300,
                "users": 20,
                "items": 30,
            },
            "notes": ["A sentence."],
            "plots": ["systems.svg"],
            "versions": {"python": "3.11"},
            **found,
        }
    )
    assert "| recommend() | 1.000 [1.000, 1.000] | 0.500 [0.500, 0.500] |" in page
    assert "| recommend() minus recommend(), frozen | +1.000 [+1.000, +1.000] |" in page
    assert "**A sentence.**" in page
    assert "![systems.svg](systems.svg)" in page
    assert "## Calibration" in page
    widths = {line.count("|") for line in page.splitlines() if line.startswith("| recommend() |")}
    assert len(widths) <= 4
