"""What the encoder is given, and which words no title may have."""

import pytest

from jobs.asking.languages import language
from jobs.core.asking.texts import known_words, refused_words, unknown_words, wanted_text

EN, ZH = language("en"), language("zh")
GENRES = ("Comedy", "Romance", "Drama")


@pytest.mark.parametrize(
    ("parts", "code", "reads", "categories", "text"),
    [
        (["a comedy", "with dogs"], EN, ["en"], (), "a comedy, with dogs"),
        (["war film"], EN, ["en"], (), "war"),
        (["film"], EN, ["en"], (), "film"),
        (["light"], EN, ["en"], GENRES, "light-hearted comedy"),
        (["light make-up"], EN, ["en"], ("Face",), "light make-up"),
        (["轻松的喜剧"], ZH, ["en", "zh"], (), "轻松的喜剧"),
        (["轻松的喜剧"], ZH, [], (), "轻松的喜剧"),
        (["轻松的喜剧"], ZH, ["en"], (), "light comedy"),
        (["轻松的喜剧"], ZH, ["en"], GENRES, "light-hearted comedy"),
        (["骑鲸鱼"], ZH, ["en"], (), ""),
        (["骑鲸鱼的海盗"], ZH, ["en"], (), "pirates"),
        (["好看的电影"], ZH, ["en"], (), "film"),
        (["OPI指甲油"], ZH, ["en"], (), "OPI nail polish"),
    ],
)
def test_the_text_that_is_encoded(parts, code, reads, categories, text):
    assert wanted_text(parts, code, reads, categories) == text


def test_longer_words_are_known_first_and_each_meaning_comes_once():
    assert known_words("下雨天看雨天的下雨天", ZH) == ["rainy day"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("骑鲸鱼", ["骑鲸鱼"]),
        ("关于量子力学的喜剧片", ["量子力学"]),
        ("适合下雨天看", []),
        ("有海盗和鲸鱼的电影", ["鲸鱼"]),
        ("OPI指甲油", []),
        ("12", []),
    ],
)
def test_what_is_not_known_is_named_without_what_says_nothing(text, words):
    assert unknown_words(text, ZH) == words


@pytest.mark.parametrize(
    ("refused", "code", "words"),
    [
        (["Horror movies"], EN, ["horror"]),
        (["sulfates", "glitter"], EN, ["sulfate", "glitter"]),
        (["happy ends"], EN, ["happy end"]),
        (["movies"], EN, []),
        (["恐怖片"], ZH, ["恐怖", "horror"]),
        (["香精"], ZH, ["香精", "fragrance"]),
    ],
)
def test_refused_words_are_names_in_the_singular(refused, code, words):
    assert refused_words(refused, code) == words
