"""Sentences and topics of a space are encoded once, and again when they change."""

import shutil
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import numpy as np
import psycopg
import pytest

from jobs.config import SentimentSettings
from jobs.errors import ConfigError
from jobs.spaces.build import build_space
from jobs.texts.packaged import sentences
from jobs.texts.packaged_topics import packaged_topics
from jobs.texts.sentiment import Sentiment
from jobs.texts.space_encoder import SpaceEncoder
from jobs.texts.sync import sync_texts
from jobs.texts.sync_topics import sync_topics
from tests.jobs.texts.conftest import CATALOGUE
from tests.sql.builders import add_space, unit
from udfs.bundle import MANIFEST_FILE, manifest_to_json, read_manifest
from udfs.space import to_space

LIKED = "What a delightful little teapot, we use it every morning."
DISLIKED = "The lid of the teapot broke on the second day, never again."


def sync(db, space_id, bundle):
    return sync_texts(db, SpaceEncoder(db, space_id, bundle))


def mean_of(db, space_id):
    (mean,) = db.execute(
        "SELECT mean FROM interestream.spaces WHERE space_id = %s", [space_id]
    ).fetchone()
    return np.array(mean, dtype=np.float32)


def sentence_rows(db, space_id):
    return db.execute(
        "SELECT language, polarity, text, embedding::vector::real[]"
        " FROM interestream.sentiment_prototypes WHERE space_id = %s ORDER BY text",
        [space_id],
    ).fetchall()


def in_languages(bundle, folder, *languages):
    """A copy of a bundle whose manifest says that the model understands these languages."""
    shutil.copytree(bundle, folder, dirs_exist_ok=True)
    manifest = replace(read_manifest(folder), languages=languages)
    (folder / MANIFEST_FILE).write_bytes(manifest_to_json(manifest))
    return folder


def topic_vector(db, space_id, topic, column="embedding"):
    row = db.execute(
        f"SELECT {column}::vector::real[] FROM interestream.topic_vectors"
        " WHERE space_id = %s AND topic = %s",
        [space_id, topic],
    ).fetchone()
    return None if row is None else np.array(row[0])


def test_a_new_space_has_the_packaged_sentences_and_foreign_ones_are_neutral(built, encoder):
    db, space_id = built
    rows = sentence_rows(db, space_id)
    assert {(polarity, text) for language, polarity, text, _ in rows if language == "en"} == {
        (sentence.polarity, sentence.text) for sentence in sentences("en")
    }
    foreign = [row for row in rows if row[0] != "en"]
    assert {row[0] for row in foreign} == {"de", "es", "fr", "ja", "zh"}
    assert {row[1] for row in foreign} == {0}
    expected = to_space(
        encoder.encode([text for _, _, text, _ in rows], "document"), mean_of(db, space_id)
    )
    assert np.array([row[3] for row in rows]) == pytest.approx(expected.astype(float), abs=1e-3)


def test_a_language_that_the_model_understands_keeps_its_polarities(dsn, bundle_dir, tmp_path):
    several = in_languages(bundle_dir, tmp_path / "several", "en", "zh")
    with psycopg.connect(dsn) as db:
        space_id = add_space(db, dim=384, sha256=read_manifest(several).bundle_sha256)
        sync(db, space_id, several)
        rows = sentence_rows(db, space_id)
    assert {row[1] for row in rows if row[0] == "zh"} == {-1, 0, 1}
    assert {row[1] for row in rows if row[0] == "ja"} == {0}


def test_texts_that_are_not_among_the_sentences_are_judged_right(built, encoder):
    db, space_id = built
    loaded = Sentiment.load(db, space_id, SentimentSettings())
    vectors = to_space(
        encoder.encode([LIKED, DISLIKED, "The teapot holds one litre."], "document"),
        mean_of(db, space_id),
    )
    liked, disliked, neither = loaded.strength(vectors).tolist()
    assert liked > 0.3
    assert disliked < -0.3
    assert abs(neither) < 0.2


def test_only_what_changed_is_encoded_again(built, bundle_dir):
    db, space_id = built
    again = sync(db, space_id, bundle_dir)
    assert (again.sentences, again.topics) == (0, [])
    db.execute(
        "INSERT INTO interestream.sentiment_prototypes (space_id, language, polarity, text)"
        " VALUES (%s, 'en', 1, %s)",
        [space_id, LIKED],
    )
    db.execute("UPDATE interestream.topics SET texts = '{teapots}' WHERE topic = 'music'")
    db.execute("INSERT INTO interestream.topics VALUES ('tea', '{teapots}')")
    after = sync(db, space_id, bundle_dir)
    assert (after.sentences, after.topics) == (1, ["music", "tea"])
    assert (
        topic_vector(db, space_id, "music").tolist() == topic_vector(db, space_id, "tea").tolist()
    )


def test_a_changed_sentence_is_encoded_again_and_a_deleted_one_does_not_return(built, bundle_dir):
    db, space_id = built
    db.execute(
        "UPDATE interestream.sentiment_prototypes SET text = %s WHERE text = 'I love it.'", [LIKED]
    )
    db.execute("DELETE FROM interestream.sentiment_prototypes WHERE text = 'I hate it.'")
    old = {text: vector for _, _, text, vector in sentence_rows(db, space_id)}[LIKED]
    assert sync(db, space_id, bundle_dir).sentences == 1
    new = {text: vector for _, _, text, vector in sentence_rows(db, space_id)}
    assert np.dot(old, new[LIKED]) < 0.9
    assert not {"I love it.", "I hate it."} & new.keys()


def test_the_direction_of_a_topic_is_that_of_its_texts_mean(built, encoder, bundle_dir):
    db, space_id = built
    texts = ["boats on the sea", "sailing knots"]
    db.execute("INSERT INTO interestream.topics VALUES ('sailing', %s)", [texts])
    sync(db, space_id, bundle_dir)
    rows = to_space(encoder.encode(texts, "document"), mean_of(db, space_id)).astype(float)
    expected = rows.sum(axis=0) / np.linalg.norm(rows.sum(axis=0))
    assert topic_vector(db, space_id, "sailing", "direction") == pytest.approx(expected, abs=1e-3)


def test_topics_that_come_along_are_said_in_the_languages_of_the_bundle(
    built, encoder, bundle_dir, tmp_path
):
    """The manifest of a space's bundle may be corrected later, by another export of the model."""
    db, space_id = built
    db.execute("INSERT INTO interestream.topics VALUES ('tea', '{green tea}')")
    before = sync(db, space_id, bundle_dir)
    assert before.topics == ["tea"]
    folder = in_languages(bundle_dir, tmp_path / "several", "zh", "en")
    assert len(sync(db, space_id, folder).topics) == 25
    phrases = [*packaged_topics("en")["music"], *packaged_topics("zh")["music"]]
    rows = to_space(encoder.encode(phrases, "document"), mean_of(db, space_id)).astype(float)
    expected = rows.sum(axis=0) / np.linalg.norm(rows.sum(axis=0))
    found = topic_vector(db, space_id, "music", "direction")
    assert found == pytest.approx(expected, abs=1e-3)
    assert sync(db, space_id, folder).topics == []


def test_a_bundle_that_is_not_at_hand_leaves_the_languages_of_the_last_time(
    built, bundle_dir, tmp_path
):
    db, space_id = built
    folder = in_languages(bundle_dir, tmp_path / "chinese", "zh")
    assert len(sync(db, space_id, folder).topics) == 25
    assert sync(db, space_id, tmp_path / "nowhere").topics == []
    query = "SELECT DISTINCT languages FROM interestream.topic_vectors WHERE space_id = %s"
    assert db.execute(query, [space_id]).fetchall() == [(["zh"],)]


def test_rows_of_an_earlier_version_are_brought_up_to_date(built, bundle_dir, tmp_path):
    """They have one vector, of the texts of the schema, whatever the bundle's languages."""
    db, space_id = built
    columns = ("direction", "embedding")
    before = [topic_vector(db, space_id, "music", column) for column in columns]

    def as_it_was():
        db.execute(
            "UPDATE interestream.topic_vectors"
            " SET embedding = direction, direction = NULL, languages = NULL"
        )

    as_it_was()
    assert sync(db, space_id, bundle_dir).topics == []
    after = [topic_vector(db, space_id, "music", column) for column in columns]
    assert np.array(after).tolist() == np.array(before).tolist()
    as_it_was()
    assert sync(db, space_id, tmp_path / "nowhere").topics == []
    as_it_was()
    assert len(sync(db, space_id, in_languages(bundle_dir, tmp_path / "zh", "zh")).topics) == 25


class SharedPart:
    """An encoder of `space_id` whose vectors have much in common, but for an axis by text."""

    def __init__(self, space_id, dim=40):
        self.space_id = space_id
        self.manifest = SimpleNamespace(languages=("zh",))
        self.axes = np.eye(dim)
        self.known = {}

    def encode(self, texts):
        rows = [
            self.axes[0] + 0.5 * self.axes[self.known.setdefault(text, 1 + len(self.known))]
            for text in texts
        ]
        return unit(np.array(rows)).astype(np.float16)


@pytest.fixture
def alike(db):
    """A space of a dozen topics that are alike, and its encoder."""
    db.execute("DELETE FROM interestream.topics")
    for number in range(12):
        db.execute(
            "INSERT INTO interestream.topics VALUES (%s, %s)", [f"t{number:02}", [f"x{number}"]]
        )
    encoder = cast(SpaceEncoder, SharedPart(add_space(db, dim=40)))
    assert len(sync_topics(db, encoder)) == 12
    return encoder


def test_what_all_topics_share_is_taken_off_their_vectors(db, alike):
    directions = [topic_vector(db, 1, f"t{number:02}", "direction") for number in range(12)]
    assert np.dot(directions[0], directions[1]) == pytest.approx(0.8, abs=1e-2)
    mean = np.mean(directions, axis=0)
    for number, direction in enumerate(directions):
        expected = (direction - mean) / np.linalg.norm(direction - mean)
        assert topic_vector(db, 1, f"t{number:02}") == pytest.approx(expected, abs=2e-3)


def test_a_topic_that_is_set_or_deleted_moves_the_others_without_encoding_them(db, alike):
    before = topic_vector(db, 1, "t00")
    db.execute("INSERT INTO interestream.topics VALUES ('new', '{new}')")
    assert sync_topics(db, alike) == ["new"]
    moved = topic_vector(db, 1, "t00")
    assert np.abs(moved - before).max() > 1e-3
    db.execute("DELETE FROM interestream.topics WHERE topic = 'new'")
    assert sync_topics(db, alike) == []
    assert topic_vector(db, 1, "t00") == pytest.approx(before)


def test_a_deleted_topic_loses_its_vector_and_a_renamed_one_keeps_it(built, bundle_dir):
    db, space_id = built
    before = topic_vector(db, space_id, "music")
    db.execute("DELETE FROM interestream.topics WHERE topic = 'history'")
    db.execute("UPDATE interestream.topics SET topic = 'sounds' WHERE topic = 'music'")
    assert topic_vector(db, space_id, "history") is None
    assert topic_vector(db, space_id, "sounds").tolist() == before.tolist()
    assert sync(db, space_id, bundle_dir).topics == []


def test_a_second_space_starts_with_the_sentences_of_the_active_one(built, bundle_dir, dsn, store):
    db, first = built
    db.execute("DELETE FROM interestream.sentiment_prototypes WHERE polarity = 0")
    second = build_space(dsn, bundle_dir, [*CATALOGUE, "Bread"], store=store, index=False)
    assert second != first
    original, copied = (
        {row[2]: row for row in sentence_rows(db, space_id) if row[0] == "en"}
        for space_id in (first, second)
    )
    assert {row[:3] for row in copied.values()} == {row[:3] for row in original.values()}
    assert {row[1] for row in copied.values()} == {1, -1}
    assert copied["I love it."][3] != original["I love it."][3]


def test_a_dropped_space_leaves_no_sentence_and_no_topic_vector(built, bundle_dir, dsn, store):
    db, _ = built
    second = build_space(dsn, bundle_dir, [*CATALOGUE, "Bread"], store=store, index=False)
    db.execute("SELECT interestream.drop_space(%s)", [second])
    assert sentence_rows(db, second) == []
    assert topic_vector(db, second, "music") is None


def test_the_bundle_is_not_opened_when_nothing_is_new(built, tmp_path):
    db, space_id = built
    assert sync(db, space_id, tmp_path / "nowhere").sentences == 0


def test_the_bundle_of_another_space_is_refused(dsn, bundle_dir):
    with psycopg.connect(dsn) as db:
        space_id = add_space(db, dim=384, sha256="of another bundle")
        with pytest.raises(ConfigError, match="name the space's bundle"):
            sync(db, space_id, bundle_dir)


def test_an_unknown_space_is_an_error(db, bundle_dir):
    with pytest.raises(ConfigError, match="no embedding space 7"):
        sync(db, 7, bundle_dir)
