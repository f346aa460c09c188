"""The catalogue reads like one, and every item has one true topic."""

import re
from collections import Counter
from datetime import datetime

import orjson
import pytest

from jobs.core.parsing.parse_items import parse_items
from jobs.core.parsing.rules import Rules
from jobs.simulator.catalogue import Catalogue, build_catalogue
from jobs.simulator.topics import TOPICS

NOON = 1_700_000_000_000


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return build_catalogue(seed=3, items=3_000, now_ms=NOON)


def test_titles_are_distinct(catalogue: Catalogue) -> None:
    titles = [record["title"] for record in catalogue.items.values()]
    assert len(set(titles)) == len(titles) == 3_000


def test_a_far_larger_catalogue_still_has_distinct_titles() -> None:
    large = build_catalogue(seed=3, items=12_000, now_ms=NOON)
    assert len({record["title"] for record in large.items.values()}) == 12_000


def test_no_title_or_text_shows_how_it_was_made(catalogue: Catalogue) -> None:
    for record in catalogue.items.values():
        words = f"{record['title']} | {record.get('text', '')}"
        assert not re.search(r"[{}]|  |\bNone\b|(\b\w+\b) \1\b", words), words
        assert record["title"][0].isupper() or record["title"][0].isdigit()
        assert 0 < len(words) < 400


def test_the_job_accepts_every_record(catalogue: Catalogue) -> None:
    lines = [orjson.dumps(record) for record in catalogue.items.values()]
    parsed = parse_items(lines, Rules(frozenset()))
    assert not parsed.dead
    assert [item.item_id for item in parsed.items] == list(catalogue.items)


def test_topics_are_even_and_no_record_names_its_topic_apart_from_its_words(
    catalogue: Catalogue,
) -> None:
    sizes = Counter(catalogue.topic_of.values())
    assert set(sizes) == {topic.name for topic in TOPICS}
    assert max(sizes.values()) - min(sizes.values()) <= 1
    groups = {topic.name: topic.group for topic in TOPICS}
    for item_id, record in catalogue.items.items():
        assert record["categories"][0] == groups[catalogue.topic_of[item_id]]
        assert record["categories"][1] == item_id.partition("-")[0]
        assert record.keys() <= {
            "item_id",
            "title",
            "text",
            "categories",
            "language",
            "published_at",
            "attributes",
        }


def test_the_topics_of_items_agree_with_the_items_of_topics(catalogue: Catalogue) -> None:
    listed = {item_id: name for name, ids in catalogue.by_topic.items() for item_id in ids}
    assert listed == dict(catalogue.topic_of)
    assert listed.keys() == catalogue.items.keys()


def test_most_items_are_english_and_some_are_not(catalogue: Catalogue) -> None:
    languages = Counter(record["language"] for record in catalogue.items.values())
    assert set(languages) == {"en", "de", "fr", "es"}
    assert 0.88 < languages["en"] / 3_000 < 0.96


def test_nothing_is_published_in_the_future(catalogue: Catalogue) -> None:
    for record in catalogue.items.values():
        published = datetime.fromisoformat(record["published_at"])
        assert published.timestamp() * 1000 <= NOON


def test_the_same_seed_gives_the_same_catalogue_and_another_seed_another() -> None:
    first, again, other = (build_catalogue(seed, 200, NOON) for seed in (1, 1, 2))
    assert first == again
    assert first.items != other.items


def test_no_phrase_belongs_to_two_topics() -> None:
    owners: dict[str, set[str]] = {}
    for topic in TOPICS:
        for phrase in (*topic.subjects, *topic.sentences, *topic.queries, *topic.books):
            owners.setdefault(phrase, set()).add(topic.name)
    assert not {phrase: names for phrase, names in owners.items() if len(names) > 1}
