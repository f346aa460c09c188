"""refused_text(): whether a text says a refused word."""

import pytest

ABSENCES = ["{}-free", "{} free", "without {}", "no {}", "无{}", "不含{}"]


def refused(db, text, *words):
    return db.execute(
        "SELECT interestream.refused_text(%s, %s, %s)", [text, list(words), ABSENCES]
    ).fetchone()[0]


@pytest.mark.parametrize(
    ("text", "word", "said"),
    [
        ("A Horror story", "horror", True),
        ("Horrors of war", "horror", True),
        ("Boxes of tea", "box", True),
        ("A horrible story", "horror", False),
        ("Wars", "war", True),
        ("Warsaw", "war", False),
        ("Paraben-free cream", "paraben", False),
        ("Cream without parabens", "paraben", False),
        ("No parabens, no perfume", "perfume", False),
        ("Paraben-free, with more parabens", "paraben", True),
        ("Happy End", "happy end", True),
        ("A happy-end film", "happy end", True),
        ("end happy", "happy end", False),
        ("C++ in a week", "c++", False),
        ("50% (off)", "(off)", False),
        ("无硫酸盐洗发水", "硫酸盐", False),
        ("含硫酸盐洗发水", "硫酸盐", True),
        ("Über Kriege", "über", True),
        ("", "war", False),
        (None, "war", False),
    ],
)
def test_a_word_is_said_whole_and_not_where_a_text_does_without_it(db, text, word, said):
    assert refused(db, text, word) is said


def test_any_of_several_words_is_enough_and_none_refuses_nothing(db):
    assert refused(db, "gore and love", "war", "gore")
    assert not refused(db, "gore and love")
    assert not refused(db, "gore and love", "")
