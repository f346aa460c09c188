"""Answers of an earlier evaluation."""

import numpy as np
import pytest

from jobs.evaluation.answers_file import ANSWERS, Answer, AnswersFile
from jobs.evaluation.earlier import earlier_answers
from jobs.evaluation.errors import EvaluationError
from jobs.evaluation.figures import pairs
from jobs.evaluation.settings import COMPARED, EARLIER, FROZEN, RECOMMEND

ANSWER = Answer(("b", "a"), (0.5, 0.25), 3.25)


def write(folder, numbers, way=RECOMMEND):
    file = AnswersFile(folder / ANSWERS, {"data": "prints"})
    for number in numbers:
        file.add(number, way, ANSWER)


def test_the_answers_of_recommend_are_taken_for_the_questions_alone(tmp_path):
    write(tmp_path, [3, 5, 8])
    write(tmp_path, [5], FROZEN)
    assert earlier_answers(tmp_path, "prints", np.array([3, 8])) == {3: ANSWER, 8: ANSWER}


def test_other_data_and_missing_answers_are_errors(tmp_path):
    with pytest.raises(EvaluationError, match=r"holds no answers\.jsonl"):
        earlier_answers(tmp_path, "prints", np.array([3]))
    write(tmp_path, [3])
    with pytest.raises(EvaluationError, match="of other data"):
        earlier_answers(tmp_path, "others", np.array([3]))
    with pytest.raises(EvaluationError, match="no answer to 2 of the 3 questions"):
        earlier_answers(tmp_path, "prints", np.array([3, 4, 5]))


def test_recommend_is_compared_with_what_it_was():
    found = pairs([RECOMMEND, COMPARED, FROZEN, EARLIER, "popular, 1 d"])
    assert found == [
        (COMPARED, RECOMMEND),
        (RECOMMEND, EARLIER),
        (RECOMMEND, FROZEN),
        (RECOMMEND, "popular, 1 d"),
    ]
