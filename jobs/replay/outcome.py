"""What became of the records of one feed: how many were accepted, and why others died."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from jobs.core.progress import Progress
from jobs.datasets.dataset import PassCount


@dataclass(frozen=True)
class StreamOutcome:
    """What became of the records of a stream that were fed."""

    fed: int = 0
    duplicates: int = 0
    """Events that had been read before, and count once."""
    excluded: int = 0
    """Events of users who opted out or are forgotten; events and items of deleted items."""
    dead: int = 0
    reasons: Mapping[str, int] | None = field(default_factory=dict)
    """Why records died, most first; None where the role may not read dead letters."""
    unread: Mapping[str, int] = field(default_factory=dict)
    """Why rows of the files could not be read; they are among the dead."""
    first_unread: Mapping[str, str] = field(default_factory=dict)
    """Where the first of them stands."""

    @classmethod
    def of(
        cls,
        fed: int,
        before: Progress,
        after: Progress,
        reasons: Mapping[str, int] | None,
        read: PassCount,
    ) -> "StreamOutcome":
        """The outcome of `fed` records, from the job's counters before and after."""
        by_count = None if reasons is None else sorted(reasons.items(), key=lambda one: -one[1])
        return cls(
            fed=fed,
            duplicates=max(after.duplicates - before.duplicates, 0),
            excluded=max(after.excluded - before.excluded, 0),
            dead=max(after.dead_letters - before.dead_letters, 0),
            reasons=None if by_count is None else dict(by_count),
            unread=dict(read.reasons.most_common()),
            first_unread=dict(read.first),
        )

    def __add__(self, other: "StreamOutcome") -> "StreamOutcome":
        """The outcome of two feeds of one stream."""
        known = self.reasons is not None and other.reasons is not None
        return StreamOutcome(
            fed=self.fed + other.fed,
            duplicates=self.duplicates + other.duplicates,
            excluded=self.excluded + other.excluded,
            dead=self.dead + other.dead,
            reasons=Counter(self.reasons) + Counter(other.reasons) if known else None,
            unread=Counter(self.unread) + Counter(other.unread),
            first_unread={**other.first_unread, **self.first_unread},
        )

    @property
    def accepted(self) -> int:
        """Records that the job works with; an event that waits for its item is one of them."""
        return max(self.fed - self.duplicates - self.excluded - self.dead, 0)

    def as_dict(self) -> dict[str, object]:
        """The outcome as a JSON object."""
        return {
            "read": self.fed,
            "accepted": self.accepted,
            "duplicates": self.duplicates,
            "excluded": self.excluded,
            "dead": self.dead,
            "reasons": self.reasons,
            "unread": self.unread,
            "first_unread": self.first_unread,
        }

    def died(self) -> str:
        """How many died and why, such as `4 (bad_time 3, too_long 1)`; empty if none did."""
        if not self.dead:
            return ""
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in (self.reasons or {}).items())
        return f"{self.dead:,}" + (f" ({reasons})" if reasons else "")

    def could_not_be_read(self) -> str:
        """How many rows could not be read and why, with the place of the first one of a kind."""
        kinds = ", ".join(
            f"{reason} {count:,} (first: {self.first_unread[reason]})"
            for reason, count in self.unread.items()
        )
        count = sum(self.unread.values())
        noun = "row" if count == 1 else "rows"
        return f"{count:,} {noun} could not be read: {kinds}" if kinds else ""


@dataclass(frozen=True)
class Outcome:
    """What became of the items and events of one feed.

    Whatever else was fed meanwhile is counted with them.
    """

    items: StreamOutcome = field(default_factory=StreamOutcome)
    events: StreamOutcome = field(default_factory=StreamOutcome)

    def as_dict(self) -> dict[str, object]:
        """The outcome as a JSON object."""
        return {"items": self.items.as_dict(), "events": self.events.as_dict()}

    def sentence(self) -> str:
        """What died and why, with what to do; empty if all was accepted."""
        parts = [
            f"{text}." for one in (self.items, self.events) if (text := one.could_not_be_read())
        ]
        if dead := _by_stream(self):
            parts.append(f"Dead letters: {dead}; `interestream dead-letters` shows them.")
        return " ".join(parts)


def _by_stream(outcome: Outcome) -> str:
    named = (("items", outcome.items), ("events", outcome.events))
    return ", ".join(f"{name} {died}" for name, one in named if (died := one.died()))
