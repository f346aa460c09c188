"""topic_title(): what a person calls a topic, in their language."""

import psycopg
import pytest

from sql.apply import apply
from tests.sql.builders import speak


def title(db, topic):
    return db.execute("SELECT interestream.topic_title(%s)", [topic]).fetchone()[0]


def test_without_a_language_a_topic_has_its_own_name(db):
    assert [title(db, topic) for topic in ("music", "other", "tea", None)] == [
        "music",
        "other",
        "tea",
        None,
    ]


@pytest.mark.parametrize("language", ["zh", "zh-CN", "ZH_tw", "de,zh", "de, zh-Hant-HK, en"])
def test_a_tag_finds_its_language(db, language):
    speak(db, language)
    assert (title(db, "music"), title(db, "other")) == ("音乐", "其他")


@pytest.mark.parametrize("language", ["", "de", "en,zh", "en-GB,zh-CN", "'; DROP TABLE x"])
def test_the_name_stands_for_english_and_for_a_language_without_titles(db, language):
    speak(db, language)
    assert title(db, "music") == "music"


def test_every_topic_that_comes_along_has_a_chinese_title_of_its_own(db):
    topics = [topic for (topic,) in db.execute("SELECT topic FROM interestream.topics").fetchall()]
    speak(db, "zh")
    titles = {title(db, topic) for topic in [*topics, "other"]}
    assert len(titles) == len(topics) + 1
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in each) for each in titles)


def test_a_topic_of_ones_own_keeps_its_name_until_it_has_a_title(db):
    speak(db, "zh")
    assert title(db, "tea") == "tea"
    db.execute("INSERT INTO interestream.topic_titles VALUES ('zh', 'tea', '茶')")
    assert title(db, "tea") == "茶"


def test_a_chinese_name_may_have_an_english_title(db):
    db.execute("INSERT INTO interestream.topic_titles VALUES ('en', '财经', 'finance')")
    assert title(db, "财经") == "finance"
    speak(db, "de")
    assert title(db, "财经") == "finance"


def test_a_title_without_a_lower_case_language_is_refused(db):
    with pytest.raises(psycopg.errors.CheckViolation):
        db.execute("INSERT INTO interestream.topic_titles VALUES ('ZH', 'tea', '茶')")


def test_an_upgrade_leaves_changed_titles_alone(dsn):
    change = "UPDATE interestream.topic_titles SET title = '乐' WHERE topic = 'music'"
    with psycopg.connect(dsn) as db:
        db.execute(change)
    apply(dsn)
    with psycopg.connect(dsn) as db:
        speak(db, "zh")
        assert title(db, "music") == "乐"
