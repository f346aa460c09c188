"""Sentences and topics are encoded before a job starts."""

import logging

import numpy as np
import pytest

from jobs.config import Config
from jobs.errors import ConfigError
from jobs.texts.at_start import prepare_texts
from tests.sql.logins import login
from udfs.space import to_space


def config_of(dsn, bundle, **sections):
    return Config.model_validate(
        {"database": {"dsn": dsn}, "encoder": {"bundle": str(bundle)}, **sections}
    )


def test_new_topics_are_encoded_and_comments_can_be_judged(built, dsn, bundle_dir, encoder):
    db, space_id = built
    db.execute("INSERT INTO interestream.topics VALUES ('tea', '{green tea}')")
    (mean,) = db.execute("SELECT mean FROM interestream.spaces").fetchone()
    sentiment = prepare_texts(config_of(dsn, bundle_dir), space_id)
    vectors = to_space(
        encoder.encode(["Delicious tea!", "Awful tea."], "document"), np.array(mean, np.float32)
    )
    liked, disliked = sentiment.strength(vectors).tolist()
    assert (liked > 0, disliked < 0) == (True, True)
    assert db.execute(
        "SELECT count(*) FROM interestream.topic_vectors WHERE topic = 'tea'"
    ).fetchone() == (1,)


def test_without_disliking_sentences_every_text_is_neutral_with_a_warning(
    built, dsn, bundle_dir, caplog
):
    db, space_id = built
    db.execute("DELETE FROM interestream.sentiment_prototypes WHERE polarity = -1")
    with caplog.at_level(logging.WARNING):
        assert prepare_texts(config_of(dsn, bundle_dir), space_id).is_neutral
    assert "counts as neutral" in caplog.text


def test_a_missing_classifier_is_an_error_before_the_job_starts(built, dsn, bundle_dir):
    _, space_id = built
    config = config_of(dsn, bundle_dir, sentiment={"classifier": "nowhere:judge"})
    with pytest.raises(ConfigError, match=r"sentiment\.classifier cannot be loaded"):
        prepare_texts(config, space_id)


def test_the_error_for_an_unreachable_postgres_hides_the_password(bundle_dir):
    dsn = "postgresql://job:s3cret@127.0.0.1:1/nowhere"
    with pytest.raises(ConfigError, match="cannot prepare the space's texts") as caught:
        prepare_texts(config_of(dsn, bundle_dir), 1)
    assert "s3cret" not in str(caught.value)


def test_the_spaces_own_bundle_is_found_in_a_registry(built, dsn, bundle_dir):
    db, space_id = built
    db.execute("INSERT INTO interestream.topics VALUES ('tea', '{green tea}')")
    registry = {"bundle": "minilm@space", "registry": str(bundle_dir.parents[1])}
    prepare_texts(config_of(dsn, bundle_dir, encoder=registry), space_id)
    assert db.execute(
        "SELECT count(*) FROM interestream.topic_vectors WHERE topic = 'tea'"
    ).fetchone() == (1,)


def test_the_role_of_the_job_has_sufficient_rights(built, dsn, bundle_dir, store):
    db, space_id = built
    db.execute("UPDATE interestream.topics SET texts = '{green tea}' WHERE topic = 'music'")
    db.execute("DELETE FROM interestream.sentiment_prototypes")
    with login(dsn, "interestream_writer") as writer:
        config = config_of(writer, bundle_dir, encoder={"bundle": str(bundle_dir), "store": store})
        assert not prepare_texts(config, space_id).is_neutral
