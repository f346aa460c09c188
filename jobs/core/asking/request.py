"""What one utterance says."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bound:
    """A quantity that an item must be within, in its base unit; None is open."""

    quantity: str
    """`price`, `duration` (seconds), `pages` or `year`."""
    lowest: float | None = None
    highest: float | None = None
    currency: str | None = None
    """ISO code of the currency that was named with a price."""


@dataclass(frozen=True)
class Shift:
    """What a follow-up moves against the list before: `shorter`, `cheaper`, `funnier`."""

    quantity: str | None
    upwards: bool
    text: str
    """What to look for where items have no such quantity."""


@dataclass(frozen=True)
class Said:
    """The parts of one utterance, in its order."""

    language: str
    wanted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    bounds: tuple[Bound, ...] = ()
    shifts: tuple[Shift, ...] = ()
    like: tuple[int, ...] = ()
    """Places in the list before, from 1; -1 is the last."""
    unlike: tuple[int, ...] = ()
    others: bool = False
    """Whether other items than those shown were asked for."""
    follow_up: bool = False
    """Whether it can only be understood, or begins, as an addition to what was said before."""
