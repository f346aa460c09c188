"""A data set of pseudonyms, and a feed that writes the raw ids which they stand for."""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields, replace

from jobs.datasets.dataset import Line
from jobs.datasets.feed import Feed
from jobs.simulator import Chapter, SimulatedDataset

KEY = "the key of this test, not of a product"


@dataclass
class Names:
    """Pseudonyms of users and events by the definition of docs/privacy.md, and the way back."""

    raw: dict[str, str] = field(default_factory=dict)

    def hide(self, record: Line) -> Line:
        """A record with pseudonyms; raw lines, which are broken ones, stay as they are."""
        return self._with_users(record, self._hidden)

    def show(self, record: Line) -> Line:
        """The record that `hide` was given."""
        return self._with_users(record, lambda user: self.raw.get(user, user))

    def _hidden(self, user: str) -> str:
        digest = hmac.new(KEY.encode(), user.encode(), hashlib.sha256).hexdigest()
        hidden = f"ps1-{digest[:32]}"
        self.raw[hidden] = user
        return hidden

    @staticmethod
    def _with_users(record: Line, name: Callable[[str], str]) -> Line:
        if not isinstance(record, dict):
            return record
        users = {
            key: name(str(record[key]))
            for key in ("event_id", "user_id", "into")
            if isinstance(record.get(key), str | int) and record[key] != ""
        }
        return {**record, **users}


@dataclass(frozen=True)
class Renamed:
    """Lines under other names, read anew by every loop."""

    lines: Iterable[Line]
    names: Names

    def __iter__(self) -> Iterator[Line]:
        return map(self.names.hide, self.lines)


@dataclass(frozen=True, kw_only=True)
class PseudonymousDataset(SimulatedDataset):
    """The chapters of a simulation, with pseudonyms."""

    names: Names = field(default_factory=Names)

    @classmethod
    def of(cls, dataset: SimulatedDataset) -> "PseudonymousDataset":
        """The data set of a simulation with raw ids."""
        return cls(**{each.name: getattr(dataset, each.name) for each in fields(dataset)})

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """The same chapters, with other names."""
        return tuple(
            replace(
                chapter,
                events=Renamed(chapter.events, self.names),
                control=Renamed(chapter.control, self.names),
            )
            for chapter in super().chapters
        )


class RawFeed:
    """Writes records with raw ids into another feed."""

    def __init__(self, feed: Feed, names: Names) -> None:
        self._feed, self._names = feed, names
        self.written = feed.written

    def write_items(self, records: Iterable[Line]) -> int:
        """Write item records; returns how many."""
        return self._feed.write_items(records)

    def write_events(self, records: Iterable[Line]) -> int:
        """Write event records; returns how many."""
        return self._feed.write_events(map(self._names.show, records))

    def write_control(self, records: Iterable[Line]) -> int:
        """Write control records; returns how many."""
        return self._feed.write_control(map(self._names.show, records))
