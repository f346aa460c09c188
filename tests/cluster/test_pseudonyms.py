"""A job with pseudonyms has the rows of one with raw ids, but for the ids, and no raw id."""

from pathlib import Path

import pytest

from bench.verify.run import verify
from bench.verify.ways import Through, way
from interestream.pseudonyms import KEY_FILE
from jobs.datasets.feed import DirectoryFeed
from jobs.datasets.topic_feed import TopicFeed
from jobs.simulator import simulated_dataset
from tests.cluster.pseudonymous import KEY, PseudonymousDataset, RawFeed
from tests.cluster.test_kafka import settings_of, topics_of
from tests.fixtures.kafka import Broker


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the key, which the environment names."""
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    monkeypatch.setenv(KEY_FILE, str(file))
    return file


@pytest.mark.cluster
@pytest.mark.long
def test_the_rows_are_those_of_the_recomputation_with_pseudonyms(
    tmp_path: Path, key_file: Path
) -> None:
    """Commands and merges of users among them."""
    dataset = PseudonymousDataset.of(
        simulated_dataset(seed=7, users=80, events=3_000, items=150, days=10)
    )
    feed = RawFeed(DirectoryFeed(tmp_path / "streams"), dataset.names)
    settings = [
        "privacy.pseudonyms=true",
        f"sources.root={tmp_path / 'streams'}",
        "encoder.threads=1",
    ]
    assert verify(dataset, 3_600, 7, settings, tmp_path / "work", feed)
    assert len(dataset.names.raw) >= 80


@pytest.mark.cluster
def test_the_rows_of_a_mapped_stream_are_those_of_the_recomputation_with_pseudonyms(
    tmp_path: Path, key_file: Path
) -> None:
    dataset = PseudonymousDataset.of(
        simulated_dataset(seed=5, users=60, events=2_000, items=120, days=10)
    )
    with way(Through.MAPPING, tmp_path / "way") as given:
        assert given.feed is not None
        feed = RawFeed(given.feed, dataset.names)
        settings = ["privacy.pseudonyms=true", "encoder.threads=1", *given.settings]
        assert verify(dataset, 3_600, 5, settings, tmp_path / "work", feed)


@pytest.mark.cluster
@pytest.mark.long
def test_the_rows_from_topics_are_those_of_the_recomputation_with_pseudonyms(
    kafka: Broker, kafka_connectors: Path, tmp_path: Path, key_file: Path
) -> None:
    topics = topics_of(kafka, "hidden", 4)
    dataset = PseudonymousDataset.of(
        simulated_dataset(seed=6, users=60, events=2_000, items=120, days=10)
    )
    feed = RawFeed(TopicFeed(topics), dataset.names)
    settings = [
        "privacy.pseudonyms=true",
        *settings_of(topics, kafka_connectors),
        "encoder.threads=1",
    ]
    assert verify(dataset, 3_600, 6, settings, tmp_path / "work", feed)
