"""What each user did with each item."""

from collections.abc import Iterable, Mapping

from bench.verify.recompute.actions import Action
from bench.verify.recompute.result import UserItem
from bench.verify.recompute.weighing import Weighed


def user_items(
    events: Iterable[Weighed], actions: Mapping[str, Action]
) -> dict[tuple[str, str], UserItem]:
    """The row of every (user_id, item_id); `events` has each user's by (time, key) ascending."""
    by_pair: dict[tuple[str, str], list[Weighed]] = {}
    for one in events:
        event = one.accepted.event
        if event.item_id is not None:
            by_pair.setdefault((event.user_id, event.item_id), []).append(one)
    return {pair: _user_item(history, actions) for pair, history in by_pair.items()}


def _user_item(history: list[Weighed], actions: Mapping[str, Action]) -> UserItem:
    times = [one.accepted.event.time_ms for one in history]
    signals = [one for one in history if one.weight != 0 or _takes_back(one, actions)]
    newest = signals[-1] if signals else None
    return UserItem(
        actions=frozenset(one.accepted.event.action for one in history),
        first_ms=times[0],
        last_ms=times[-1],
        signal=newest.weight if newest is not None else None,
        signal_ms=newest.accepted.event.time_ms if newest is not None else None,
        signal_key=newest.accepted.key - 2**63 if newest is not None else None,
        slack=newest.slack if newest is not None else 0.0,
    )


def _takes_back(one: Weighed, actions: Mapping[str, Action]) -> bool:
    name = one.accepted.event.action
    return actions[name].undone_by(name) != ""
