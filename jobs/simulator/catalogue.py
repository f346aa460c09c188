"""The catalogue of an imagined library with a shop and courses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from jobs.datasets.dataset import Record
from jobs.simulator.titles import KINDS, Wording, word_item, word_local_item
from jobs.simulator.topics import TOPICS
from jobs.simulator.topics.topic import Topic

_KIND_SHARES = (0.26, 0.2, 0.1, 0.12, 0.16, 0.16)
_OTHER_LANGUAGE_SHARE = 0.08
"""Share of the items in another language than English."""
_TITLE_ONLY_SHARE = 0.06
"""Share of the items without a text."""
_LEVELS = ("beginner", "beginner", "intermediate", "advanced")
_PRICE_EUR = {"book": 18, "course": 60, "kit": 35, "film": 5, "magazine": 7, "talk": 0}
_TRIES = 40
_YEAR_MS = 365 * 86_400_000


@dataclass(frozen=True)
class Catalogue:
    """Item records by id, and the true topic of each item, which is not in its record."""

    items: Mapping[str, Record]
    topic_of: Mapping[str, str]
    by_topic: Mapping[str, tuple[str, ...]]
    """Ids of the items of each topic, the most popular first."""


def build_catalogue(seed: int, items: int, now_ms: int) -> Catalogue:
    """A catalogue of `items` records with distinct titles, spread evenly over the topics.

    No item is published after `now_ms` (epoch milliseconds). Raises ValueError when there are not
    enough distinct titles.
    """
    rng = np.random.default_rng([seed, 1])
    numbered = [TOPICS[n % len(TOPICS)] for n in range(items)]
    titles: set[str] = set()
    records: dict[str, Record] = {}
    by_topic: dict[str, list[str]] = {topic.name: [] for topic in TOPICS}
    for number in rng.permutation(items):
        topic = numbered[number]
        kind, language, wording = _distinct(topic, titles, rng)
        titles.add(wording.title)
        record = _record(kind, len(records) + 1, topic, language, wording, now_ms, rng)
        records[record["item_id"]] = record
        by_topic[topic.name].append(record["item_id"])
    return Catalogue(
        items=records,
        topic_of={item_id: name for name, ids in by_topic.items() for item_id in ids},
        by_topic={name: tuple(ids) for name, ids in by_topic.items()},
    )


def _distinct(topic: Topic, used: set[str], rng: np.random.Generator) -> tuple[str, str, Wording]:
    """Kind, language and wording of an item whose title is not in `used`."""
    for attempt in range(_TRIES * 25):
        # Magazines have the largest number of titles: they complete a very large catalogue.
        kind = str(rng.choice(KINDS, p=_KIND_SHARES)) if attempt < _TRIES else "magazine"
        if rng.random() < _OTHER_LANGUAGE_SHARE and attempt < _TRIES:
            local = topic.elsewhere[int(rng.integers(len(topic.elsewhere)))]
            kind = "book" if kind in ("kit", "magazine") else kind
            language, wording = local.language, word_local_item(topic, local, kind, rng)
        else:
            language, wording = "en", word_item(topic, kind, rng)
        if wording.title not in used:
            return kind, language, wording
    raise ValueError(f"'{topic.name}' has no more distinct titles: ask for a smaller catalogue")


def _record(
    kind: str,
    number: int,
    topic: Topic,
    language: str,
    wording: Wording,
    now_ms: int,
    rng: np.random.Generator,
) -> Record:
    published_ms = now_ms - int(rng.exponential(3.0) * _YEAR_MS)
    attributes: Record = {"author": wording.author}
    if kind in ("book", "course", "kit"):
        attributes["level"] = _LEVELS[int(rng.integers(len(_LEVELS)))]
    price = _PRICE_EUR[kind]
    if price:
        attributes["price_eur"] = round(price * float(rng.uniform(0.6, 1.6))) - 0.1
    if kind in ("film", "talk"):
        attributes["minutes"] = int(rng.integers(20, 110))
    record: Record = {
        "item_id": f"{kind}-{number:05d}",
        "title": wording.title,
        "text": wording.text,
        "categories": [topic.group, kind],
        "language": language,
        "published_at": datetime.fromtimestamp(published_ms // 1000, UTC).strftime(
            "%Y-%m-%dT00:00:00Z"
        ),
        "attributes": attributes,
    }
    if rng.random() < _TITLE_ONLY_SHARE:
        del record["text"]
    return record
