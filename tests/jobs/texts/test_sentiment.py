"""Sentiment from the sentences of a space, or from a configured classifier."""

import pickle
import sys
import types

import numpy as np
import psycopg
import pytest

from jobs.config import SentimentSettings
from jobs.errors import ClassifierError, ConfigError
from jobs.texts.sentiment import Sentiment, load_classifier
from tests.sql.builders import add_space, text

EAST, WEST = (1.0, 0.0, 0.0), (-1.0, 0.0, 0.0)


@pytest.fixture
def space(db: psycopg.Connection) -> int:
    """A space of three dimensions in which liking points east and disliking west."""
    space_id = add_space(db, dim=3)
    for number, (polarity, vector) in enumerate([(1, EAST), (-1, WEST), (0, (0.0, 1.0, 0.0))]):
        add_sentence(db, space_id, f"sentence {number}", polarity, vector)
    return space_id


def add_sentence(db, space_id, sentence, polarity, vector=None):
    db.execute(
        "INSERT INTO interestream.sentiment_prototypes"
        " (space_id, language, polarity, text, embedding, text_sha256)"
        " VALUES (%s, 'en', %s, %s, %s::halfvec, %s)",
        [
            space_id,
            polarity,
            sentence,
            *((text(np.array(vector)), b"sha") if vector else (None, None)),
        ],
    )


@pytest.fixture
def classifier(monkeypatch):
    """Makes a function reachable as `shop:judge`."""

    def install(function):
        module = types.ModuleType("shop")
        monkeypatch.setattr(module, "judge", function, raising=False)
        monkeypatch.setitem(sys.modules, "shop", module)
        load_classifier.cache_clear()
        return "shop:judge"

    yield install
    load_classifier.cache_clear()


def test_a_text_is_judged_by_the_sentences_of_its_space(db, space):
    loaded = Sentiment.load(db, space, SentimentSettings(neutral_band=0.5))
    vectors = np.array([EAST, WEST, [0, 0, 1], [0.75, 0, np.sqrt(1 - 0.75**2)]], dtype=np.float16)
    assert loaded.strength(vectors) == pytest.approx([1, -1, 0, 0.5], abs=1e-3)


def test_sentences_of_another_space_and_those_not_yet_encoded_do_not_count(db, space):
    before = Sentiment.load(db, space, SentimentSettings())
    other = add_space(db, dim=3, sha256="bb")
    add_sentence(db, other, "somewhere else", -1, EAST)
    add_sentence(db, space, "not yet encoded", -1)
    after = Sentiment.load(db, space, SentimentSettings())
    assert after.axis.direction.tolist() == before.axis.direction.tolist()


def test_a_space_without_sentences_is_neutral(db):
    loaded = Sentiment.load(db, add_space(db, dim=3), SentimentSettings())
    assert loaded.is_neutral
    assert loaded.strength(np.array([EAST, WEST])).tolist() == [0.0, 0.0]


def test_it_can_be_pickled(db, space):
    loaded = Sentiment.load(db, space, SentimentSettings())
    copy = pickle.loads(pickle.dumps(loaded))
    vectors = np.array([EAST, WEST, [0.6, 0.8, 0]])
    assert copy.strength(vectors).tolist() == loaded.strength(vectors).tolist()
    assert not copy.is_neutral


def test_an_unknown_space_is_an_error(db):
    with pytest.raises(ConfigError, match="no embedding space 7"):
        Sentiment.load(db, 7, SentimentSettings())


def test_a_configured_classifier_is_used_instead_of_the_sentences(db, space, classifier):
    path = classifier(lambda texts, vectors: [len(text) / 10 + vectors[0, 0] for text in texts])
    loaded = Sentiment.load(db, space, SentimentSettings(classifier=path, neutral_band=0))
    assert not loaded.is_neutral
    strengths = loaded.strength(np.array([WEST, EAST], dtype=np.float16), ["twelve chars", "five."])
    assert strengths == pytest.approx([0.2, -0.5])
    assert loaded.strength(np.zeros((0, 3)), []).tolist() == []


@pytest.mark.parametrize("scores", [[0.5], [[0.5, 0.5]], [0.5, float("nan")]])
def test_a_classifier_must_return_one_finite_number_per_text(db, space, classifier, scores):
    path = classifier(lambda texts, vectors: scores)
    loaded = Sentiment.load(db, space, SentimentSettings(classifier=path))
    with pytest.raises(ClassifierError, match="one finite number per text"):
        loaded.strength(np.array([WEST, EAST]), ["a", "b"])


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("just_a_module", "package.module:function"),
        ("no_such_module:judge", "cannot be loaded: No module named 'no_such_module'"),
        ("math:no_such_function", "no_such_function"),
        ("math:pi", "is a float, not a function"),
    ],
)
def test_a_classifier_that_cannot_be_loaded_is_an_error(db, space, path, message):
    with pytest.raises(ConfigError, match=message):
        Sentiment.load(db, space, SentimentSettings(classifier=path))
