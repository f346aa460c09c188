"""Which events were undone or replaced, and when."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from bench.verify.recompute.actions import Action
from bench.verify.recompute.phases import Accepted

REMEMBERED = 64
"""The job remembers this many of a user's newest events that can be undone or undo others."""


def undone_events(
    events: Iterable[Accepted], actions: Mapping[str, Action]
) -> tuple[dict[int, int], bool]:
    """One user's undone events, and whether the input decides them.

    The first is the phase in which each undone event was undone, by event key. The second is
    False when an event or what undoes it is no longer among the REMEMBERED newest ones. A
    replaced event was undone by each that came after it.
    """
    takes_back = {name: action.undone_by(name) for name, action in actions.items()}
    undoable = set(takes_back.values()) - {""}
    relevant = sorted(
        (
            one
            for one in events
            if one.event.item_id is not None
            and (one.event.action in undoable or takes_back[one.event.action])
        ),
        key=lambda one: one.order,
    )
    remembered = {one.key for one in relevant[-REMEMBERED:]}
    undos: dict[tuple[str | None, str], list[Accepted]] = defaultdict(list)
    for one in relevant:
        if undone := takes_back[one.event.action]:
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
