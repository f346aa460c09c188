"""asked_languages(): what the setting says, the best first, English at last."""

import pytest

from tests.sql.builders import speak


def asked(db):
    rows = db.execute("SELECT language FROM interestream.asked_languages() ORDER BY place")
    return list(dict.fromkeys(language for (language,) in rows.fetchall()))


def test_without_the_setting_it_is_english(db):
    assert [each for each in asked(db) if each] == ["en"]


@pytest.mark.parametrize(
    ("setting", "wanted"),
    [
        ("zh", ["zh", "en"]),
        ("de, ZH_tw", ["de", "zh-tw", "zh", "en"]),
        ("zh-Hant-HK", ["zh-hant-hk", "zh", "en"]),
        ("en-US,zh", ["en-us", "en", "zh"]),
    ],
)
def test_a_tag_goes_before_its_language_and_english_is_the_last(db, setting, wanted):
    speak(db, setting)
    assert asked(db) == wanted
