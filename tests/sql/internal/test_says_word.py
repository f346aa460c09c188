"""says_word(): whether a text says a word, or that it does without it."""

import pytest

ABSENCES = ["{}-free", "{} free", "without {}", "no {}", "无{}", "不含{}"]


def says(db, text, *words):
    return db.execute(
        "SELECT interestream.says_word(%s, %s, %s)", [text, list(words), ABSENCES]
    ).fetchone()[0]


@pytest.mark.parametrize(
    ("text", "word", "said"),
    [
        ("A Horror story", "horror", 1),
        ("Horrors of war", "horror", 1),
        ("Boxes of tea", "box", 1),
        ("A horrible story", "horror", 0),
        ("Wars", "war", 1),
        ("Warsaw", "war", 0),
        ("Paraben-free cream", "paraben", -1),
        ("Cream without parabens", "paraben", -1),
        ("No parabens, no perfume", "perfume", -1),
        ("Paraben-free, with more parabens", "paraben", 1),
        ("Happy End", "happy end", 1),
        ("A happy-end film", "happy end", 1),
        ("end happy", "happy end", 0),
        ("C++ in a week", "c++", 1),
        ("50% (off)", "(off)", 1),
        ("无硫酸盐洗发水", "硫酸盐", -1),
        ("含硫酸盐洗发水", "硫酸盐", 1),
        ("Über Kriege", "über", 1),
        ("", "war", 0),
        (None, "war", 0),
    ],
)
def test_a_word_is_said_whole_and_not_where_a_text_does_without_it(db, text, word, said):
    assert says(db, text, word) == said


def test_any_of_several_words_is_enough_and_none_refuses_nothing(db):
    assert says(db, "gore and love", "war", "gore") == 1
    assert says(db, "no gore but war", "gore", "war") == 1
    assert says(db, "gore and love") == 0
    assert says(db, "gore and love", "") == 0
