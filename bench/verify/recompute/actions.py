"""The weight that an action gives to an event."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Action:
    weight: float
    """Weight of one event, not negative."""
    sign: int = 1
    """+1 where the action speaks for the item, -1 where it speaks against it."""
    linear: tuple[float, float] | None = None
    """(low, high): the value moves the weight from 0 to full."""
    signed: tuple[float, float, float] | None = None
    """(low, neutral, high): the value decides the sign as well."""
    wanted_text: bool = False
    """The text of the event says what the user wants, and stands for the event."""
    said_text: bool = False
    """The text of the event is what the user says: its sentiment decides the sign."""
    undoes: str = ""
    """The action that is taken back on the same item, as far as it came before."""

    def scaled_by(self, value: float | None) -> bool:
        """Whether the value decides the weight, and no text."""
        return value is not None and (self.linear is not None or self.signed is not None)

    def signed_weight(self, value: float | None) -> float:
        """
        >>> Action(2.0, linear=(0.0, 120.0)).signed_weight(30.0)
        0.5
        >>> Action(4.0, signed=(0.0, 2.5, 5.0)).signed_weight(1.25)
        -2.0
        >>> Action(0.5, sign=-1).signed_weight(None)
        -0.5
        """
        if value is None or (self.linear is None and self.signed is None):
            return self.sign * self.weight
        if self.linear is not None:
            low, high = self.linear
            return self.sign * self.weight * min(max((value - low) / (high - low), 0.0), 1.0)
        assert self.signed is not None
        low, neutral, high = self.signed
        span = high - neutral if value > neutral else neutral - low
        return self.weight * min(max((value - neutral) / span, -1.0), 1.0)


ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        "impression": Action(0.0),
        "view": Action(1.0),
        "dwell": Action(2.0, linear=(0.0, 120.0)),
        "click": Action(1.0),
        "search": Action(2.0, wanted_text=True),
        "like": Action(3.0),
        "dislike": Action(3.0, sign=-1),
        "skip": Action(0.5, sign=-1),
        "comment": Action(1.0, said_text=True),
        "review": Action(4.0, signed=(0.0, 2.5, 5.0), said_text=True),
        "share": Action(3.0),
        "cart": Action(3.0),
        "purchase": Action(5.0),
        "rating": Action(4.0, signed=(0.0, 2.5, 5.0)),
        "unlike": Action(0.0, undoes="like"),
        "undislike": Action(0.0, undoes="dislike"),
        "uncart": Action(0.0, undoes="cart"),
        "return": Action(0.0, undoes="purchase"),
    }
)
"""The table of docs/contract.md, "Actions", written down a second time."""
