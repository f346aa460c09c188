"""Makes good records with ids that never repeat."""

import itertools
import random
from typing import Any

from bench.fuzz.hostile import HOSTILE

Record = dict[str, Any]

NOON_MS = 1_750_000_000_000
"""A fixed day, so that the same seed makes the same bytes."""
PLAIN_ITEMS = 100
ITEM_IDS = (*(f"item-{number}" for number in range(PLAIN_ITEMS)), *HOSTILE)
ACTIONS = ("view", "click", "like", "dislike", "skip", "share", "cart", "purchase")
WORDS = (
    "bread",
    "rye",
    "flour",
    "oven",
    "garden",
    "herb",
    "soil",
    "star",
    "moon",
    "comet",
    "trail",
)


class Maker:
    """Draws records from one seed; ids of events and items never repeat."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self._numbers = itertools.count(1)

    def number(self) -> int:
        """A number that was not given before."""
        return next(self._numbers)

    def user(self) -> str:
        """The id of one of 300 users."""
        return f"user-{self.rng.randrange(300)}"

    def words(self, count: int) -> str:
        """A text of `count` words."""
        return " ".join(self.rng.choices(WORDS, k=count))

    def event(self, **changes: Any) -> Record:
        """An event of a known item, with some fields replaced by `changes`."""
        return {
            "event_id": f"e-{self.number()}",
            "user_id": self.user(),
            "action": self.rng.choice(ACTIONS),
            "item_id": self.rng.choice(ITEM_IDS),
            "event_time": NOON_MS + self.rng.randrange(86_400_000),
            **changes,
        }

    def search(self, text: str, **changes: Any) -> Record:
        """A search for a text."""
        record = self.event(**{"action": "search", "text": text, **changes})
        del record["item_id"]
        return record

    def item(self, **changes: Any) -> Record:
        """An item without events."""
        return {
            "item_id": f"fuzz-{self.number()}",
            "title": self.words(3),
            "categories": [self.rng.choice(WORDS)],
            **changes,
        }

    def command(self, **changes: Any) -> Record:
        """A command for a user without events."""
        return {"user_id": f"nobody-{self.number()}", "command": "forget", **changes}

    def record(self, stream: str, **changes: Any) -> Record:
        """A good record of a stream: events, items or control."""
        made = {"events": self.event, "items": self.item, "control": self.command}
        return made[stream](**changes)


def catalogue(maker: Maker) -> list[Record]:
    """The items of the events, many with a hostile id, title or text."""
    return [
        maker.item(
            item_id=item_id,
            title=f"{maker.rng.choice(HOSTILE)} {maker.words(2)}" if number % 3 else maker.words(4),
            text=maker.rng.choice(HOSTILE) if number % 5 == 0 else None,
            attributes={maker.rng.choice(HOSTILE): [maker.rng.choice(HOSTILE)]},
        )
        for number, item_id in enumerate(ITEM_IDS)
    ]


def good_event(maker: Maker) -> Record:
    """An event: mostly of an item, sometimes with a text, an undo, or with a hostile user id."""
    draw = maker.rng.random()
    text = f"{maker.rng.choice(HOSTILE)} {maker.rng.choice(WORDS)}"
    if draw < 0.02:
        return maker.search(text)
    if draw < 0.04:
        return maker.event(action="comment", text=text, **maker.rng.choice(({}, {"item_id": None})))
    if draw < 0.05:
        return maker.event(action=maker.rng.choice(("unlike", "undislike", "uncart", "return")))
    if draw < 0.1:
        return maker.event(user_id=maker.rng.choice(HOSTILE), session_id="s", context={"a": [1]})
    if draw < 0.15:
        return maker.event(user_id=maker.rng.randrange(2**63, 2**64), event_id=-maker.number())
    if draw < 0.17:
        return maker.event(user_id=f"gone-{maker.rng.randrange(20)}")
    return maker.event()
