"""The signed weight of each event, from its action and its value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.action_settings import Action
from jobs.core.interest.undo import NOT_UNDOABLE


@dataclass(frozen=True)
class ActionTable:
    """The configured actions as columns `(actions,)`; an action's position is its code.

    - `mask`: value of the action's bit in `user_items.actions`.
    - `kind`: scaling by `value`: 0 none, 1 linear, 2 signed; `low`, `neutral` and `high` are the
      scaling's range.
    - `query`, `comment`: whether the text of the action's events is a query or a comment.
    - `undo_bit`: number of the action's bit if its events can be undone or replaced, number of the
      bit of the action that it undoes, or NOT_UNDOABLE.
    - `undoes`: whether the action's events undo earlier ones: those of another action, or, where a
      repeated event replaces the earlier one, those of the action itself.
    """

    codes: dict[str, int]
    mask: NDArray[np.int64]
    signed_weight: NDArray[np.float64]
    kind: NDArray[np.int8]
    low: NDArray[np.float64]
    neutral: NDArray[np.float64]
    high: NDArray[np.float64]
    query: NDArray[np.bool_]
    comment: NDArray[np.bool_]
    undo_bit: NDArray[np.uint8]
    undoes: NDArray[np.bool_]

    @classmethod
    def of(cls, actions: Mapping[str, Action], bits: Mapping[str, int]) -> "ActionTable":
        """The table of `actions`, whose bit numbers (0 to 62) are `bits`."""
        rows = list(actions.values())
        kinds = {"none": 0, "linear": 1, "signed": 2}
        ends = [row.value_range or (0.0, 1.0) for row in rows]
        undoable = {row.undoes for row in rows if row.undoes}
        undoable |= {name for name, row in actions.items() if row.repeat == "replace"}
        undo_names = [
            row.undoes or (name if name in undoable else "") for name, row in actions.items()
        ]
        return cls(
            codes={name: code for code, name in enumerate(actions)},
            mask=np.array([1 << bits[name] for name in actions], dtype=np.int64),
            signed_weight=np.array([row.sign * row.weight for row in rows]),
            kind=np.array([kinds[row.scale] for row in rows], dtype=np.int8),
            low=np.array([end[0] for end in ends], dtype=np.float64),
            neutral=np.array([end[-2] for end in ends], dtype=np.float64),
            high=np.array([end[-1] for end in ends], dtype=np.float64),
            query=np.array([row.text == "wanted" for row in rows]),
            comment=np.array([row.text == "said" for row in rows]),
            undo_bit=np.array(
                [bits[name] if name else NOT_UNDOABLE for name in undo_names], dtype=np.uint8
            ),
            undoes=np.array([bool(row.undoes) or row.repeat == "replace" for row in rows]),
        )

    def encode(self, actions: Sequence[str]) -> NDArray[np.intp]:
        """`(events,)` codes of the names of actions.

        Raises KeyError for an action that is not configured.
        """
        return np.array([self.codes[action] for action in actions], dtype=np.intp)


def signed_weights(
    table: ActionTable, codes: NDArray[np.intp], value: NDArray[np.float64]
) -> NDArray[np.float64]:
    """`(events,)` signed weights of the actions `codes`, scaled by `value`.

    `value` is NaN for an event without a value, which keeps its action's weight.

    >>> from jobs.action_settings import DEFAULT_ACTIONS
    >>> bits = {name: bit for bit, name in enumerate(DEFAULT_ACTIONS)}
    >>> table = ActionTable.of(DEFAULT_ACTIONS, bits)
    >>> codes = table.encode(["rating", "rating", "dwell", "skip"])
    >>> signed_weights(table, codes, np.array([5.0, 1.25, 60.0, np.nan])).tolist()
    [4.0, -2.0, 1.0, -0.5]
    """
    weight = table.signed_weight[codes]
    kind = np.where(np.isnan(value), 0, table.kind[codes])
    if not kind.any():
        return weight
    low, neutral, high = table.low[codes], table.neutral[codes], table.high[codes]
    linear = np.clip((value - low) / (high - low), 0.0, 1.0)
    above = (value - neutral) / (high - neutral)
    below = (value - neutral) / np.where(neutral > low, neutral - low, 1.0)
    signed = np.clip(np.where(value >= neutral, above, below), -1.0, 1.0)
    return np.where(kind == 1, weight * linear, np.where(kind == 2, weight * signed, weight))
