"""How many of the records of a feed may die before it is no success."""

import re
from dataclasses import dataclass

from jobs.errors import InterestreamError
from jobs.replay.outcome import Outcome

_WRITTEN = re.compile(r"(\d+(?:\.\d+)?)\s*(%?)")


class ToleranceError(InterestreamError):
    """The tolerance is neither a share nor a number."""


@dataclass(frozen=True)
class Tolerance:
    """The largest share, 0 to 1, or the largest number of dead records of a stream."""

    share: float | None = None
    number: int | None = None

    @classmethod
    def of(cls, text: str) -> "Tolerance":
        """Read `10%`, `0.1` or `100`; raises ToleranceError.

        >>> Tolerance.of("10%"), Tolerance.of("0.5"), Tolerance.of("100")
        (Tolerance(share=0.1, number=None), Tolerance(share=0.5, number=None), \
Tolerance(share=None, number=100))
        """
        read = _WRITTEN.fullmatch(text.strip())
        if read is not None and (read[2] or "." in read[1]):
            share = float(read[1]) / (100 if read[2] else 1)
            if share <= 1:
                return cls(share=share)
        elif read is not None:
            return cls(number=int(read[1]))
        raise ToleranceError(f"--max-dead reads 10%, 0.1 or a number such as 100, not '{text}'")

    def failure(self, outcome: Outcome) -> str:
        """Why a feed is no success, as a sentence; empty if it is one."""
        if not outcome.items.fed and not outcome.events.fed:
            return "there was nothing to feed: no row was read"
        return self.failure_of("items", outcome.items.fed, outcome.items.dead) or self.failure_of(
            "events", outcome.events.fed, outcome.events.dead
        )

    def failure_of(self, name: str, fed: int, dead: int) -> str:
        """Why the feed of one stream is no success, as a sentence; empty if it is one.

        >>> Tolerance.of("10%").failure_of("items", 20, 3)
        '3 of 20 items died, more than --max-dead allows'
        """
        if fed and dead >= fed:
            return f"none of {fed:,} {name} was accepted"
        if dead > (self.share * fed if self.share is not None else self.number or 0):
            return f"{dead:,} of {fed:,} {name} died, more than --max-dead allows"
        return ""
