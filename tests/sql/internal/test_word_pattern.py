"""word_pattern(): whole words and phrases, whatever stands around them."""

import psycopg
import pytest


def found(db, text, *words):
    (answer,) = db.execute(
        "SELECT lower(%s) ~ interestream.word_pattern(%s::text[])", [text, list(words)]
    ).fetchone()
    return answer


def test_a_word_is_found_between_all_that_is_no_letter_or_digit(db):
    for text in ["Moon", "the MOON.", "(moon)", "full moon, bright", "moon—night", "“Moon”"]:
        assert found(db, text, "moon") is True, text
    assert found(db, "moon\n", "moon") is True
    assert found(db, "🌙moon🌙", "moon") is True


def test_a_part_of_a_word_is_not_found(db):
    for text in ["moonlight", "honeymoon", "moon2", "moons", "émoon", "moonß", "moonж", "moon_1"]:
        assert found(db, text, "moon") is False, text
    assert found(db, "", "moon") is False


def test_case_does_not_matter_in_any_script(db):
    for word in ["étoile", "ÉTOILE", "Étoile"]:
        assert found(db, "Une Étoile filante", word) is True
    assert found(db, "Новая Луна", "ЛУНА") is True


def test_a_phrase_is_found_whatever_its_spaces(db):
    assert found(db, "A second\n hand book", "Second  Hand") is True
    assert found(db, "second book, hand", "second hand") is False


def test_a_word_of_any_characters_is_meant(db):
    for word in ["c++", "a.b", "100%", "[x]", "\\d", "(", "a|b", "^", "$5", "*"]:
        assert found(db, f"learn {word} today", word) is True, word
        assert found(db, "axb 7 b a c ccc 100 d 5", word) is False, word


def test_any_of_several_words_is_found(db):
    assert found(db, "a used book", "new", "used") is True
    assert found(db, "a fine book", "new", "used") is False


def test_no_words_have_no_pattern(db):
    rows = db.execute(
        "SELECT interestream.word_pattern('{}'), interestream.word_pattern(NULL)"
    ).fetchall()
    assert rows == [(None, None)]


def test_an_empty_word_is_a_clear_error(db):
    for word in ["", " ", "\t\n", None]:
        with (
            pytest.raises(psycopg.errors.InvalidParameterValue, match="word") as caught,
            db.transaction(),
        ):
            found(db, "text", "used", word)
        assert caught.value.diag.message_hint
