"""reason(): one sentence for a person, in their language."""

import psycopg
import pytest

from sql.apply import apply
from tests.sql.builders import speak

SOURCES = [
    "neighbor",
    "recent",
    "session",
    "day",
    "month",
    "interest",
    "trending",
    "new",
    "search",
    "ask",
    "nearest",
    "similar",
    "liked",
    "taste",
    "popular_hour",
    "popular_six_hours",
    "popular_day",
    "popular_week",
    "popular_month",
    "popular_all",
]


def reason(db, source, title=None):
    return db.execute("SELECT interestream.reason(%s, %s)", [source, title]).fetchone()[0]


@pytest.mark.parametrize("source", [each for each in SOURCES if each != "neighbor"] + ["own"])
def test_every_source_has_a_sentence_with_and_without_a_title(db, source):
    alone = reason(db, source)
    assert alone.endswith(".")
    assert alone[0].isupper()
    assert reason(db, source, 'The "Moon"') == alone[:-1] + ', like "The "Moon"".'


def test_a_neighbor_names_the_item_that_it_is_next_to(db):
    assert reason(db, "neighbor", "Moon") == 'Often next after "Moon".'
    assert reason(db, "neighbor") == "Often next after what you liked."


@pytest.mark.parametrize("language", ["en", "zh"])
def test_sources_have_sentences_of_their_own(db, language):
    speak(db, language)
    assert len({reason(db, source) for source in [*SOURCES, "other"]}) == len(SOURCES) + 1


@pytest.mark.parametrize("source", [*SOURCES, "own", "popular_fortnight"])
def test_chinese_has_every_sentence_and_no_place_is_left_open(db, source):
    speak(db, "zh")
    for title in (None, "月亮"):
        said = reason(db, source, title)
        assert said.endswith("。")
        assert "{" not in said
        assert ("月亮" in said) == (title is not None)


def test_windows_and_horizons_of_a_persons_own_are_named(db):
    assert reason(db, "lunch") == "Fits your lunch window."
    assert reason(db, "popular_fortnight") == "Popular: fortnight."


@pytest.mark.parametrize(
    "language", ["zh", "zh-CN", "ZH_tw", "zh-Hant-HK", "tlh,zh", "tlh, zh-CN, en"]
)
def test_a_tag_finds_its_language(db, language):
    speak(db, language)
    assert reason(db, "new") == "刚刚上架。"


@pytest.mark.parametrize("language", ["", "tlh", "'; DROP TABLE x", "-"])
def test_an_unknown_language_is_answered_in_english(db, language):
    speak(db, language)
    assert reason(db, "new") == "New in the catalogue."


def test_people_add_a_language_and_change_a_sentence(db):
    db.execute("INSERT INTO interestream.reason_texts VALUES ('de', 'new', 'Neu im Katalog.')")
    db.execute(
        "UPDATE interestream.reason_texts SET text = 'Just in.' WHERE (language, source)"
        " = ('en', 'new')"
    )
    assert reason(db, "new") == "Just in."
    speak(db, "de")
    assert reason(db, "new", "Moon") == "Neu im Katalog."
    assert reason(db, "day") == "Fits what you liked today."


def test_a_title_with_a_place_in_it_stays_as_it_is(db):
    assert reason(db, "lunch", "{name}") == 'Fits your lunch window, like "{name}".'


def test_a_source_without_any_sentence_is_named(db):
    db.execute("DELETE FROM interestream.reason_texts")
    assert reason(db, "day") == "day"


def test_a_place_that_is_no_lower_case_language_is_refused(db):
    with pytest.raises(psycopg.errors.CheckViolation):
        db.execute("INSERT INTO interestream.reason_texts VALUES ('EN', 'new', 'x')")


def test_an_upgrade_leaves_changed_sentences_alone(dsn):
    change = "UPDATE interestream.reason_texts SET text = 'Just in.' WHERE source = 'new'"
    with psycopg.connect(dsn) as db:
        db.execute(change)
    apply(dsn)
    with psycopg.connect(dsn) as db:
        assert reason(db, "new") == "Just in."
