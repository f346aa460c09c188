"""Compiles the description of a table of events into a function of its rows."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jobs.mapping.actions import IGNORE, actions_reader
from jobs.mapping.attributes import compile_attributes
from jobs.mapping.carry_down import CarryDown
from jobs.mapping.counts import MappingCounts
from jobs.mapping.elements import Elements
from jobs.mapping.errors import UnreadableValueError
from jobs.mapping.event_columns import EventFields, Record
from jobs.mapping.event_ids import Repeats, Unnumbered, derived_id, numbered
from jobs.mapping.fields import Field, Scope, compile_field, list_in
from jobs.mapping.json_cells import JsonCells
from jobs.mapping.options import (
    TIME_OPTIONS,
    decimal_option,
    number_option,
    pattern_option,
    refuse_memory,
    table_times,
    time_rule,
    truth_option,
)
from jobs.mapping.paths import Getter
from jobs.mapping.tables import EventMapping
from jobs.mapping.times import advice, event_times_reader
from jobs.mapping.values import as_ids, as_text, number_reader


@dataclass(frozen=True)
class MappedColumns:
    """The fields of a batch of events, the part of a row that each comes from, and of elements of
    lists their numbers."""

    fields: EventFields
    views: list[Any]
    numbers: list[int] | None


class EventMapper:
    """Turns rows of a source into events of the contract.

    Fields that a row lacks are left out, and a time or value that cannot be read stays as it is,
    so that the job makes the event a dead letter with it. A mapper is for one pass over a table: it
    counts, and gives ids to events without one. With `endless` it is for a stream: it keeps nothing
    of earlier rows, so that events without an id that are equal in all fields have the same one.
    Raises MappingError, which names the key.

    >>> mapping = EventMapping(user_id="u", item_id="i", time="t", default_action="view")
    >>> EventMapper(mapping)([{"u": "ada", "i": 7, "t": 1700000000}])[0]["event_time"]
    1700000000000
    """

    def __init__(
        self, mapping: EventMapping, key: str = "events", *, endless: bool = False
    ) -> None:
        self._mapping, self._key = mapping, key
        root = list_in(mapping.item_id)
        self._scope = Scope(root, frozenset(mapping.absent))
        self._columns: list[tuple[str, tuple[str, ...]]] = []
        self._user = self._field("user_id")
        self._time = self._field("time", TIME_OPTIONS)
        table = table_times(mapping.time_unit, mapping.time_format, mapping.time_zone, key)
        self._time_rule = time_rule(self._time.options, table, f"{key}.time", key)
        self._read_times = event_times_reader(self._time_rule)
        self._action = self._given("action")
        self._named = actions_reader(mapping.actions) if mapping.actions else None
        self._item = self._given("item_id", ("split", "match"))
        options: Mapping[str, Any] = {} if self._item is None else self._item.options
        self._elements = Elements.of(root, self._item, f"{key}.item_id")
        if self._elements is not None and self._item is not None:
            self._item = self._elements.item(self._item)
        self._match = pattern_option(options, "match", f"{key}.item_id")
        self._ignores = IGNORE in mapping.actions.values()
        self._text = self._given("text", lists=True)
        self._value = self._given("value", ("decimal", "factor", "required"))
        options = {} if self._value is None else self._value.options
        self._read_number = number_reader(
            decimal_option(options, f"{key}.value"),
            number_option(options, "factor", f"{key}.value", 1.0) * mapping.value_factor,
        )
        self._needs_value = truth_option(options, "required", f"{key}.value", False)
        self._id = self._given("event_id", ("columns", "count_repeats"))
        options = {} if self._id is None else self._id.options
        self._counts_ids = truth_option(options, "count_repeats", f"{key}.event_id", False)
        # An id from within the list differs between its elements by itself.
        self._numbers_ids = root is None or list_in(mapping.event_id) != root
        self._more = tuple(self._carried())
        self._cells = JsonCells(mapping.json) if mapping.json else None
        self._columns += [] if self._cells is None else self._cells.columns
        self._carry = None if mapping.carry_down is None else CarryDown(mapping.carry_down, key)
        if endless:
            refuse_memory(key, carry_down=self._carry, count_repeats=self._counts_ids)
        self.counts = MappingCounts()
        self._repeats = Unnumbered() if endless else Repeats()
        self._id_repeats = Repeats()

    def __call__(self, rows: Iterable[Mapping[str, Any]]) -> list[Record]:
        """The events of a batch of rows, in their order."""
        return self.records(self.columns_of(rows))

    def columns_of(self, rows: Iterable[Mapping[str, Any]]) -> MappedColumns:
        """What `records` makes events of."""
        if self._cells is not None:
            rows = self._cells(rows, self.counts.unparsed)
        views = list(rows) if self._carry is None else self._carry(rows)
        self.counts.rows += len(views)
        numbers: list[int] | None = None
        if self._elements is not None:
            views, numbers = self._elements.views(views)
        names = None if self._action is None else self._action.values(views)
        actions = self._actions(names, len(views))
        items = None if self._item is None else as_ids(self._item.values(views))
        if self._match is not None or (self._ignores and IGNORE in actions):
            kept, items = self._kept(names, actions, items)
            views, actions = [views[n] for n in kept], [actions[n] for n in kept]
            items = None if items is None else [items[n] for n in kept]
            numbers = None if numbers is None else [numbers[n] for n in kept]
        given_times = self._time.values(views)
        given_values = None if self._value is None else self._value.values(views)
        if given_values is not None and self._needs_value:
            # An empty text is no number, so that the job makes the event a dead letter.
            given_values = ["" if value is None else value for value in given_values]
        fields = EventFields(
            ids=[None] * len(views) if self._id is None else as_ids(self._id.values(views)),
            users=as_ids(self._user.values(views)),
            actions=actions,
            given_times=given_times,
            times=self._read_times(given_times),
            items=items,
            given_values=given_values,
            values=None if given_values is None else self._numbers(given_values),
            texts=None if self._text is None else _texts(self._text, views),
        )
        self._look_for_words(fields)
        return MappedColumns(fields, views, numbers)

    def records(self, columns: MappedColumns) -> list[Record]:
        """The events of a batch, in the order of its rows."""
        fields, numbers = columns.fields, columns.numbers
        records, broken = fields.records()
        for name, get in self._more:
            for record, row in zip(records, columns.views, strict=True):
                if (found := _readable(get, row)) is not None:
                    record[name] = found
        if self._makes_ids(columns):
            self._complete_ids(records, numbers)
        self.counts.broken += broken
        self.counts.records += len(records)
        return records

    def are_events(self, columns: MappedColumns) -> bool:
        """Whether the fields are all of the events: `records` would make none of them broken, and
        add nothing."""
        return not self._more and not self._makes_ids(columns) and columns.fields.are_complete()

    def _makes_ids(self, columns: MappedColumns) -> bool:
        return (
            self._id is None
            or self._counts_ids
            or columns.numbers is not None
            or None in columns.fields.ids
        )

    @property
    def changes_count(self) -> bool:
        """Whether a row can become another number of records than one."""
        return self._ignores or self._match is not None or self._elements is not None

    @property
    def columns(self) -> list[tuple[str, tuple[str, ...]]]:
        """The fields that need a column, each with those of which one must be there."""
        return list(self._columns)

    def advice(self, rows: Iterable[Mapping[str, Any]]) -> str:
        """One sentence where the times of the first rows are plainly described wrong."""
        if self._cells is not None:
            rows = self._cells(rows, Counter())
        return advice(self._time.values(list(rows)), self._time_rule, self._key)

    def _numbers(self, given: list[Any]) -> list[float | None]:
        read = self._read_number
        return [None if value is None else read(value) for value in given]

    def _field(self, name: str, options: tuple[str, ...] = (), *, lists: bool = False) -> Field:
        spec, key = getattr(self._mapping, name), f"{self._key}.{name}"
        field = compile_field(spec, key, self._scope, options, lists=lists)
        self._columns += [(name, group) for group in field.columns]
        return field

    def _given(
        self, name: str, options: tuple[str, ...] = (), *, lists: bool = False
    ) -> Field | None:
        absent = getattr(self._mapping, name) is None
        return None if absent else self._field(name, options, lists=lists)

    def _carried(self) -> list[tuple[str, Getter]]:
        """The fields that are carried for others, and not judged."""
        carried: list[tuple[str, Getter]] = []
        if (session := self._given("session_id")) is not None:
            carried.append(("session_id", session.get))
        if self._mapping.context is not None:
            context = compile_attributes(
                self._mapping.context, f"{self._key}.context", self._scope, lambda name, found: None
            )
            self._columns += [("context", group) for group in context.columns]
            carried.append(("context", context.get))
        return carried

    def _actions(self, names: list[Any] | None, count: int) -> list[Any]:
        default = self._mapping.default_action
        if names is None:
            return [default] * count
        actions = names if self._named is None else self._named(names)
        if default is not None and None in actions:
            return [default if action is None else action for action in actions]
        return actions

    def _kept(
        self, names: list[Any] | None, actions: list[Any], items: list[Any] | None
    ) -> tuple[list[int], list[Any] | None]:
        """The places of the events that are not left out, and the items that the pattern gives."""
        kept, found = [], items if items is None else list(items)
        for place, action in enumerate(actions):
            if action == IGNORE and self._ignores:
                self.counts.ignore(names[place] if names is not None else action)
                continue
            item = None if found is None else found[place]
            if self._match is not None and found is not None and isinstance(item, str):
                match = self._match.search(item)
                if match is None:
                    self.counts.unmatched += 1
                    continue
                found[place] = match[1] or None
            kept.append(place)
        return kept, found

    def _look_for_words(self, fields: EventFields) -> None:
        for name, values in (
            ("event_id", fields.ids),
            ("user_id", fields.users),
            ("item_id", fields.items or ()),
        ):
            self.counts.words.look(f"{self._key}.{name}", values)

    def _complete_ids(self, records: list[Record], numbers: list[int] | None) -> None:
        """Give an id to the events without one, and tell those apart that share one."""
        if self._id is None:
            for record in records:
                record["event_id"] = derived_id(record, self._repeats)
            return
        numbers = numbers if self._numbers_ids else None
        for place, record in enumerate(records):
            event_id = record["event_id"]
            if event_id is None:
                record["event_id"] = derived_id(record, self._repeats)
            elif self._counts_ids:
                number = self._id_repeats.number(str(event_id))
                record["event_id"] = numbered(event_id, number)
            elif numbers is not None:
                record["event_id"] = numbered(event_id, numbers[place])


def _texts(field: Field, rows: list[Any]) -> list[Any]:
    if field.many is not None:
        found = field.many(rows)
        if {str, type(None)}.issuperset(map(type, found)):
            return found
    return [_text_of(field.get, row) for row in rows]


def _text_of(get: Getter, row: Any) -> Any:
    """The text; what is none stays as it is, so that the job makes the event a dead letter."""
    found: Any = {}
    try:
        found = get(row)
        return found if found is None or isinstance(found, str) else as_text(found) or None
    except UnreadableValueError:
        return found


def _readable(get: Getter, row: Any) -> Any:
    try:
        return get(row)
    except UnreadableValueError:
        return None
