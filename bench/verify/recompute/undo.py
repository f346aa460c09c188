"""Which events were undone, and when."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from bench.verify.recompute.actions import Action
from bench.verify.recompute.phases import Accepted

REMEMBERED = 64
"""Of each user the newest events that can be undone or that undo."""


def taken_back(
    history: Iterable[Accepted], actions: Mapping[str, Action]
) -> tuple[dict[int, int], bool]:
    """The phase in which each undone event was taken back, by key; and whether the input decides
    that, as it does among the newest events that are remembered."""
    undoable = {action.undoes for action in actions.values() if action.undoes}
    relevant = sorted(
        (
            one
            for one in history
            if one.event.item_id is not None
            and (one.event.action in undoable or actions[one.event.action].undoes)
        ),
        key=lambda one: one.order,
    )
    remembered = {one.key for one in relevant[-REMEMBERED:]}
    undos: dict[tuple[str | None, str], list[Accepted]] = defaultdict(list)
    for one in relevant:
        if undone := actions[one.event.action].undoes:
            undos[one.event.item_id, undone].append(one)
    found: dict[int, int] = {}
    decided = True
    for one in relevant:
        later = [
            undo
            for undo in undos.get((one.event.item_id, one.event.action), ())
            if undo.order > one.order
        ]
        if later:
            found[one.key] = min(undo.phase for undo in later)
            decided &= one.key in remembered and any(undo.key in remembered for undo in later)
    return found, decided
