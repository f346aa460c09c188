"""The weight that an action gives to an event."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Action:
    """How an event of one action counts."""

    weight: float
    """Weight of one event, not negative."""
    sign: int = 1
    """+1 for an action that shows interest in the item, -1 for one that shows dislike."""
    linear: tuple[float, float] | None = None
    """(low, high): the weight rises from 0 at the value `low` to its full size at `high`."""
    signed: tuple[float, float, float] | None = None
    """(low, neutral, high): the value decides the sign as well."""
    text_is_query: bool = False
    """The event's text describes what the user wants; its vector replaces the item's."""
    text_is_comment: bool = False
    """The event's text is a comment; its sentiment decides the sign."""
    undoes: str = ""
    """The action that this one undoes: all earlier ones of the user on the same item."""
    replaces: bool = False
    """Whether an event takes the place of the user's earlier ones of the action on the item."""

    def undone_by(self, name: str) -> str:
        """The action whose earlier events an event of this one, called `name`, takes back.

        >>> Action(0.0, undoes="like").undone_by("unlike"), Action(3.0).undone_by("like")
        ('like', '')
        >>> Action(4.0, replaces=True).undone_by("rating")
        'rating'
        """
        return name if self.replaces else self.undoes

    def scaled_by(self, value: float | None) -> bool:
        """Whether the value decides the weight, so that no comment does."""
        return value is not None and (self.linear is not None or self.signed is not None)

    def signed_weight(self, value: float | None) -> float:
        """The weight of an event with this value: positive for interest, negative for dislike.

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
        "search": Action(2.0, text_is_query=True),
        "like": Action(3.0),
        "dislike": Action(3.0, sign=-1),
        "skip": Action(0.5, sign=-1),
        "comment": Action(1.0, text_is_comment=True),
        "review": Action(4.0, signed=(0.0, 2.5, 5.0), text_is_comment=True),
        "share": Action(3.0),
        "cart": Action(3.0),
        "purchase": Action(5.0),
        "rating": Action(4.0, signed=(0.0, 2.5, 5.0), replaces=True),
        "unlike": Action(0.0, undoes="like"),
        "undislike": Action(0.0, undoes="dislike"),
        "uncart": Action(0.0, undoes="cart"),
        "return": Action(0.0, undoes="purchase"),
    }
)
"""The table "Actions" of docs/contract.md, written without the job's code."""
