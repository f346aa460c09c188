"""The file of answers: what is kept, and when it is refused."""

import pytest

from jobs.evaluation.answers_file import Answer, AnswersFile
from jobs.evaluation.errors import OtherSettingsError

SETTINGS = {"seed": 1, "questions": 20}
ANSWER = Answer(("b", "a"), (0.5, 0.25), 3.25)


def test_answers_are_there_again_when_the_file_is_opened_again(tmp_path):
    path = tmp_path / "deep" / "answers.jsonl"
    first = AnswersFile(path, SETTINGS)
    first.add(7, "recommend()", ANSWER)
    first.add(9, "recommend()", Answer((), (), 1.0))
    again = AnswersFile(path, SETTINGS)
    assert again.answers == first.answers
    assert again.answers[7, "recommend()"] == ANSWER


def test_a_line_that_was_cut_is_dropped_and_the_file_goes_on_behind_the_whole_ones(tmp_path):
    path = tmp_path / "answers.jsonl"
    AnswersFile(path, SETTINGS).add(7, "recommend()", ANSWER)
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"question": 8, "way": "recom')
    again = AnswersFile(path, SETTINGS)
    assert set(again.answers) == {(7, "recommend()")}
    assert path.read_bytes() == whole
    again.add(8, "recommend()", ANSWER)
    assert set(AnswersFile(path, SETTINGS).answers) == {(7, "recommend()"), (8, "recommend()")}


@pytest.mark.parametrize("left", [b"", b'{"settings": {"se'])
def test_a_file_without_a_whole_line_begins_anew(tmp_path, left):
    path = tmp_path / "answers.jsonl"
    path.write_bytes(left)
    AnswersFile(path, SETTINGS).add(7, "recommend()", ANSWER)
    assert set(AnswersFile(path, SETTINGS).answers) == {(7, "recommend()")}


def test_other_settings_are_refused_and_named(tmp_path):
    path = tmp_path / "answers.jsonl"
    AnswersFile(path, SETTINGS).add(7, "recommend()", ANSWER)
    before = path.read_bytes()
    with pytest.raises(OtherSettingsError, match=r"with other data, seed: .*--restart"):
        AnswersFile(path, {**SETTINGS, "seed": 2, "data": "x"})
    assert path.read_bytes() == before
