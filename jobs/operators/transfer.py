"""A transfer: what a bucket of users hands to another one when a user was merged."""

from dataclasses import dataclass, replace
from typing import Any

STATE, EVENTS, COMMAND, FORGET_PART = 0, 1, 2, 3
"""Kinds of transfers: the state of a user who was merged, later events, a later command, and the
order to forget a user who was merged into one who is forgotten."""


@dataclass(frozen=True)
class Transfer:
    """What becomes `user_id`'s; the order of the fields is that of the tuples in the state.

    - `via`: the ids that it had before, the first one first.
    - `payload`: of STATE the fields of `MovedState`, of EVENTS those of each `WaitingEvent`, of
      COMMAND the command.
    """

    kind: int
    user_id: str
    via: tuple[str, ...]
    payload: tuple[Any, ...] = ()

    def on_to(self, user_id: str) -> "Transfer":
        """The transfer to the user whom its user was merged into."""
        return replace(self, user_id=user_id, via=(*self.via, self.user_id))
