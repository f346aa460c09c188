"""Compiles the description of a table of events into a function of its rows."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import repeat
from typing import Any

from jobs.mapping.actions import IGNORE, action_reader
from jobs.mapping.attributes import compile_attributes
from jobs.mapping.counts import MappingCounts
from jobs.mapping.errors import MappingError, UnreadableValueError
from jobs.mapping.event_ids import Repeats, derived_id, numbered
from jobs.mapping.fields import Field, Scope, compile_field, list_in, readable
from jobs.mapping.options import (
    TIME_OPTIONS,
    decimal_option,
    number_option,
    pattern_option,
    table_times,
    text_option,
    time_rule,
    truth_option,
)
from jobs.mapping.paths import ELEMENT, Getter, path_getter
from jobs.mapping.tables import EventMapping
from jobs.mapping.times import advice, event_time_reader
from jobs.mapping.values import as_text, number_reader

Record = dict[str, Any]


class EventMapper:
    """Turns rows of a source into events of the contract.

    Fields that a row lacks are left out, and a time or value that cannot be read stays as it is,
    so that the job makes the event a dead letter with it. `counts` and the ids of events without
    one belong to a pass: `restart` begins a new one. Raises MappingError, which names the key.

    >>> mapping = EventMapping(user_id="u", item_id="i", time="t", default_action="view")
    >>> EventMapper(mapping)([{"u": "ada", "i": 7, "t": 1700000000}])[0]["event_time"]
    1700000000000
    """

    def __init__(
        self, mapping: EventMapping, key: str = "events", *, count_repeats: bool = True
    ) -> None:
        self._key, self._mapping = key, mapping
        self._count_repeats = count_repeats
        root = list_in(mapping.item_id)
        self._root = None if root is None else path_getter(root)
        scope = Scope(root, frozenset(mapping.absent))
        self._columns: list[tuple[str, tuple[str, ...]]] = []

        def compiled(name: str, options: tuple[str, ...] = (), *, lists: bool = False) -> Field:
            field = compile_field(
                getattr(mapping, name), f"{key}.{name}", scope, options, lists=lists
            )
            self._columns += [(name, group) for group in field.columns]
            return field

        self._user = compiled("user_id").get
        time = compiled("time", TIME_OPTIONS)
        table = table_times(mapping.time_unit, mapping.time_format, mapping.time_zone, key)
        self._time_rule = time_rule(time.options, table, f"{key}.time", key)
        self._time, self._read_time = time.get, event_time_reader(self._time_rule)
        self._action = compiled("action").get if mapping.action is not None else None
        self._named = action_reader(mapping.actions) if mapping.actions else None
        self._default_action = mapping.default_action
        item = None if mapping.item_id is None else compiled("item_id", ("split", "match"))
        self._item = None if item is None else item.get
        self._split = None if item is None else text_option(item.options, "split", f"{key}.item_id")
        if self._split == "":
            raise MappingError(f"{key}.item_id.split cannot be empty")
        self._match = (
            None if item is None else pattern_option(item.options, "match", f"{key}.item_id")
        )
        self._text = None if mapping.text is None else compiled("text", lists=True).get
        value = None if mapping.value is None else compiled("value", ("decimal", "factor"))
        self._value = None if value is None else value.get
        options: Mapping[str, Any] = {} if value is None else value.options
        self._read_number = number_reader(
            decimal_option(options, f"{key}.value"),
            number_option(options, "factor", f"{key}.value", 1.0) * mapping.value_factor,
        )
        event_id = (
            None if mapping.event_id is None else compiled("event_id", ("columns", "count_repeats"))
        )
        self._id = None if event_id is None else event_id.get
        self._counts_ids = event_id is not None and truth_option(
            event_id.options, "count_repeats", f"{key}.event_id", False
        )
        # An id from within the list differs between its elements by itself.
        self._numbers_ids = root is None or list_in(mapping.event_id) != root
        more: list[tuple[str, Getter]] = []
        if mapping.session_id is not None:
            more.append(("session_id", compiled("session_id").get))
        if mapping.context is not None:
            context = compile_attributes(mapping.context, f"{key}.context", scope)
            self._columns += [("context", group) for group in context.columns]
            more.append(("context", context.get))
        self._more = tuple(more)
        self.restart()

    def restart(self) -> None:
        """Begin a new pass."""
        self.counts = MappingCounts()
        self._repeats = Repeats() if self._count_repeats else None
        self._id_repeats = Repeats()

    def __call__(self, rows: Iterable[Mapping[str, Any]]) -> list[Record]:
        """The events of a batch of rows, in their order."""
        get_user, get_time, read_time = self._user, self._time, self._read_time
        get_action, named, get_item = self._action, self._named, self._item
        get_id, get_text, get_value = self._id, self._text, self._value
        match, more, counts = self._match, self._more, self.counts
        out: list[Record] = []
        views: Iterator[tuple[Any, int]]
        if self._root is None and self._split is None:
            rows = rows if isinstance(rows, list) else list(rows)
            counts.rows += len(rows)
            views = zip(rows, repeat(1))
        else:
            views = self._elements(rows)
        broken = 0
        for row, number in views:
            action = self._default_action if get_action is None else get_action(row)
            if action is None:
                action = self._default_action
            elif named is not None:
                name, action = action, named(action)
                if action == IGNORE:
                    counts.ignore(name)
                    continue
            item = None if get_item is None else get_item(row)
            if match is not None and isinstance(item, str):
                found = match.search(item)
                if found is None:
                    counts.unmatched += 1
                    continue
                item = found[1] or None
            user, time = get_user(row), get_time(row)
            time_ms = read_time(time)
            record: Record = {
                "event_id": None,
                "user_id": user,
                "action": action,
                "event_time": time if time_ms is None else time_ms,
            }
            complete = time_ms is not None
            if user is None or action is None or time is None:
                complete = False
                record = {name: value for name, value in record.items() if value is not None}
                record = {"event_id": None, **record}
            if item is not None:
                record["item_id"] = item
            if get_value is not None and (value := get_value(row)) is not None:
                amount = self._read_number(value)
                complete = complete and amount is not None
                record["value"] = value if amount is None else amount
            if get_text is not None and (text := _text_of(get_text, row)) is not None:
                record["text"] = text
            elif item is None:
                complete = False
            for name, get in more:
                if (extra := readable(get, row)) is not None:
                    record[name] = extra
            event_id = None if get_id is None else get_id(row)
            if event_id is None:
                event_id = derived_id(record, self._repeats)
            elif self._counts_ids:
                event_id = numbered(event_id, self._id_repeats.number(str(event_id)))
            elif number > 1 and self._numbers_ids:
                event_id = numbered(event_id, number)
            record["event_id"] = event_id
            if not complete:
                broken += 1
            out.append(record)
        counts.broken += broken
        counts.records += len(out)
        return out

    @property
    def changes_count(self) -> bool:
        """Whether a row can become another number of records than one."""
        leaves_out = IGNORE in self._mapping.actions.values() or self._match is not None
        return leaves_out or self._root is not None or self._split is not None

    def check_columns(self, first: Mapping[str, Any]) -> str:
        """One sentence about a column that the first row of a table lacks; empty without."""
        return missing_column(self._columns, first)

    def advice(self, rows: Iterable[Mapping[str, Any]]) -> str:
        """One sentence where the times of the first rows are plainly described wrong."""
        return advice([self._time(row) for row in rows], self._time_rule, self._key)

    def _elements(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Any, int]]:
        """A view of the row for each element of its list; the row itself without a list."""
        for row in rows:
            self.counts.rows += 1
            elements: Any = None
            if self._root is not None:
                elements = self._root(row)
            elif self._split is not None and self._item is not None:
                found = self._item(row)
                elements = found.split(self._split) if isinstance(found, str) else None
            if not isinstance(elements, list) or not elements:
                yield row, 1
                continue
            for number, element in enumerate(elements, start=1):
                yield {**row, ELEMENT: element}, number


def missing_column(columns: Iterable[tuple[str, tuple[str, ...]]], first: Mapping[str, Any]) -> str:
    """One sentence about a column that the first row of a table lacks; empty without."""
    for name, group in columns:
        if not any(column in first or _within(column, first) for column in group):
            named = " or ".join(f"'{column}'" for column in group)
            return f"has no column {named} (for {name}); it has {', '.join(map(str, first))}"
    return ""


def _within(column: str, first: Mapping[str, Any]) -> bool:
    """Whether a path begins at a column that holds an object or a list."""
    start = first.get(column.replace("[", ".").partition(".")[0])
    return isinstance(start, dict | list)


def _text_of(get: Callable[[Any], Any], row: Any) -> Any:
    """The text; what is none stays as it is, so that the job makes the event a dead letter."""
    try:
        found = get(row)
        return found if found is None or isinstance(found, str) else as_text(found) or None
    except UnreadableValueError:
        return get_raw(get, row)


def get_raw(get: Callable[[Any], Any], row: Any) -> Any:
    """The value as it stands, where it can be had without making a text of it."""
    try:
        return get(row)
    except UnreadableValueError:
        return {}
