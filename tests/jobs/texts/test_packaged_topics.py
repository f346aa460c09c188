"""The phrases of the topics that come along."""

import pytest

from jobs.texts.packaged_topics import packaged_topics, phrases_in

ENGLISH, CHINESE = packaged_topics("en"), packaged_topics("zh")
MUSIC = ENGLISH["music"]


def test_the_english_phrases_are_those_of_the_schema(db):
    rows = db.execute("SELECT topic, texts FROM interestream.topics").fetchall()
    assert {topic: tuple(texts) for topic, texts in rows} == dict(ENGLISH)


def test_every_topic_has_chinese_phrases_and_none_twice():
    assert list(CHINESE) == list(ENGLISH)
    phrases = [phrase for texts in CHINESE.values() for phrase in texts]
    assert len(set(phrases)) == len(phrases)
    for phrase in phrases:
        assert all("\u4e00" <= letter <= "\u9fff" or letter == "、" for letter in phrase), phrase


@pytest.mark.parametrize(
    ("languages", "wanted"),
    [
        (["en"], MUSIC),
        (["zh"], CHINESE["music"]),
        (["zh-CN"], CHINESE["music"]),
        (["ZH_tw"], CHINESE["music"]),
        (["zh", "de", "en"], (*MUSIC, *CHINESE["music"])),
        (["zh-CN", "zh-TW"], CHINESE["music"]),
        (["de", "ja"], MUSIC),
        ([], MUSIC),
    ],
)
def test_a_packaged_topic_is_said_in_the_languages_of_the_model(languages, wanted):
    assert phrases_in(MUSIC, languages) == list(wanted)


@pytest.mark.parametrize("texts", [MUSIC[:-1], (*MUSIC, "vinyl"), MUSIC[::-1], ("歌剧",)])
def test_texts_that_somebody_wrote_stay_as_they_are(texts):
    assert phrases_in(texts, ["zh", "en"]) == list(texts)
