"""From input lines to expected rows, in the order of docs/contract.md."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bench.verify.recompute.actions import ACTIONS, Action
from bench.verify.recompute.feedback import feedback
from bench.verify.recompute.groups import representatives
from bench.verify.recompute.neighbors import neighbors
from bench.verify.recompute.phases import History, Person, Phase, Record
from bench.verify.recompute.result import Counts, Expected, User
from bench.verify.recompute.sentiment import Prototypes
from bench.verify.recompute.trends import trends
from bench.verify.recompute.user_events import UserEvents
from bench.verify.recompute.user_items import user_items
from bench.verify.recompute.validation import DAY_MS, Bounds
from bench.verify.recompute.weighing import Vectors
from bench.verify.recompute.windows import windows


def recompute(
    items: Iterable[Record],
    events: Iterable[Record],
    control: Iterable[Record] = (),
    *,
    vectors: Vectors,
    now_ms: int,
    actions: Mapping[str, Action] = ACTIONS,
    bounds: Bounds | None = None,
    prototypes: Prototypes | None = None,
) -> Expected:
    """What the tables must hold once the whole input is processed.

    The last line of an item counts. Commands that arrive among events have no order: they count
    as if they came before all events, and the counters are then not decided. `vectors` encodes
    texts; `now_ms` (epoch milliseconds) bounds event times unless `bounds` is given.
    """
    return recompute_phases(
        [Phase(items=items, control=control), Phase(events=events)],
        vectors=vectors,
        now_ms=now_ms,
        actions=actions,
        bounds=bounds,
        prototypes=prototypes,
        in_order=False,
    )


def recompute_phases(
    phases: Sequence[Phase],
    *,
    vectors: Vectors,
    now_ms: int,
    actions: Mapping[str, Action] = ACTIONS,
    bounds: Bounds | None = None,
    prototypes: Prototypes | None = None,
    in_order: bool = True,
) -> Expected:
    """What the tables must hold when each phase was processed before the next one was fed.

    With `in_order`, the events of a phase were processed before its commands; without it, the
    commands may have come at any time.
    """
    history = History(actions, Bounds(latest_ms=now_ms + DAY_MS) if bounds is None else bounds)
    history.read(phases)
    streams = (history.items, history.events, history.control)
    events = UserEvents(history, actions, vectors, prototypes)
    rows = windows(events.columns(), events.texts.vectors, events.names)
    deleted = frozenset(history.catalogue.deleted)
    commanded = bool(history.forgotten or history.opted_out or deleted)
    items_of_commands = history.forgotten_items | _items_of_merged(history)
    return Expected(
        windows=rows,
        users={user: _user(person) for user, person in history.visible() if person.accepted},
        user_items=user_items(events.weighed(), actions),
        counts=_counts(history),
        dead_letters=Counter(
            (stream.name, reason)
            for stream in streams
            for reason, owner in stream.dead
            if owner not in (deleted if stream is history.items else history.forgotten)
        ),
        forgotten=history.forgotten,
        opted_out=history.opted_out,
        items={
            item_id: (item.document, item.available)
            for item_id, item in history.catalogue.items.items()
        },
        representatives=representatives(history.catalogue.items),
        changes_decided=history.catalogue.once_a_phase,
        counts_decided=in_order or not commanded,
        undecided=frozenset(events.undecided),
        neighbors=neighbors(events.in_reading_order(), actions, items_of_commands, now_ms).without(
            deleted
        ),
        trends=trends(list(events.weighed()), items_of_commands, commanded=commanded),
        feedback=feedback(
            events.weighed(), decided=not history.forgotten and (in_order or not commanded)
        ),
        deleted=deleted,
    )


def _items_of_merged(history: History) -> set[str]:
    """Items of users who were merged: what they added to others was decided before the merge."""
    return {
        one.event.item_id
        for person in history.people.values()
        if person.merged
        for one in person.accepted.values()
        if one.event.item_id
    }


def _user(person: Person) -> User:
    times = [one.event.time_ms for one in person.accepted.values()]
    return User(len(times), max(times))


def _counts(history: History) -> dict[str, Counts]:
    return {
        "items": Counts(
            history.items.records_in,
            dead_letters=len(history.items.dead),
            duplicates=history.catalogue.passed_over,
            applied=history.catalogue.changes,
            excluded=history.catalogue.left_out,
        ),
        "events": Counts(
            history.events.records_in,
            dead_letters=len(history.events.dead),
            waiting=sum(len(person.waiting) for person in history.people.values()),
            duplicates=history.counts["duplicates"],
            applied=history.counts["applied"],
            excluded=history.counts["excluded"],
        ),
        "control": Counts(
            history.control.records_in,
            dead_letters=len(history.control.dead),
            applied=history.control.valid,
        ),
    }
