"""The sections of the configuration for actions, and the actions there are."""

from typing import Literal

from pydantic import Field, model_validator

from jobs.config_section import Section


class Action(Section):
    """What the events of one action mean; see docs/contract.md."""

    weight: float = Field(ge=0)
    """Weight of an event."""
    sign: Literal[1, -1] = 1
    """+1 for liking, -1 for disliking."""
    scale: Literal["none", "linear", "signed"] = "none"
    """How `value` scales the weight (see docs/contract.md)."""
    value_range: tuple[float, ...] = ()
    """(low, high) for `linear`, (low, neutral, high) for `signed`."""
    text: Literal["none", "wanted", "said"] = "none"
    """What the event's text is: `wanted` a query, `said` a comment, `none` not used."""
    seen: bool = True
    """Whether the item counts as seen, and is not recommended again."""
    undoes: str = ""
    """The action whose earlier events on the same item are undone."""
    repeat: Literal["add", "replace"] = "add"
    """What an event does to the user's earlier ones of the action on the same item: `add` counts
    all of them, `replace` the last one (see docs/contract.md)."""

    @model_validator(mode="after")
    def _range_fits_scale(self) -> "Action":
        count = {"none": 0, "linear": 2, "signed": 3}[self.scale]
        rising = list(self.value_range) == sorted(set(self.value_range))
        if len(self.value_range) != count or not rising:
            raise ValueError(f"scale '{self.scale}' needs {count} rising numbers in value_range")
        if self.scale == "signed" and self.sign != 1:
            raise ValueError("scale 'signed' takes its sign from the value: leave sign at 1")
        return self

    @model_validator(mode="after")
    def _can_be_replaced(self) -> "Action":
        if self.repeat == "replace" and self.text != "none":
            raise ValueError("an action with a text cannot be replaced: leave repeat at 'add'")
        if self.repeat == "replace" and self.undoes:
            raise ValueError("an action that undoes another one replaces nothing: leave repeat out")
        return self


DEFAULT_ACTIONS: dict[str, Action] = {
    "impression": Action(weight=0, seen=False),
    "view": Action(weight=1),
    "dwell": Action(weight=2, scale="linear", value_range=(0, 120)),
    "click": Action(weight=1),
    "search": Action(weight=2, text="wanted", seen=False),
    "like": Action(weight=3),
    "dislike": Action(weight=3, sign=-1),
    "skip": Action(weight=0.5, sign=-1),
    "comment": Action(weight=1, text="said"),
    "review": Action(weight=4, scale="signed", value_range=(0, 2.5, 5), text="said"),
    "share": Action(weight=3),
    "cart": Action(weight=3),
    "purchase": Action(weight=5),
    "unlike": Action(weight=0, undoes="like"),
    "undislike": Action(weight=0, undoes="dislike"),
    "uncart": Action(weight=0, undoes="cart"),
    "return": Action(weight=0, undoes="purchase"),
    "rating": Action(weight=4, scale="signed", value_range=(0, 2.5, 5), repeat="replace"),
}
