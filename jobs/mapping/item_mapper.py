"""Compiles the description of a table of items into a function of its rows."""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jobs.mapping.attributes import compile_attributes
from jobs.mapping.carry_down import CarryDown
from jobs.mapping.counts import MappingCounts
from jobs.mapping.earlier_rows import EarlierRows
from jobs.mapping.elements import element_views
from jobs.mapping.errors import MappingError, UnreadableValueError
from jobs.mapping.event_columns import Record
from jobs.mapping.event_ids import content_key
from jobs.mapping.fields import Field, Scope, compile_field, gather, list_in
from jobs.mapping.html_text import html_text
from jobs.mapping.json_cells import JsonCells
from jobs.mapping.options import (
    TIME_OPTIONS,
    length_option,
    pattern_option,
    refuse_memory,
    table_times,
    text_option,
    texts_option,
    time_rule,
    truth_option,
)
from jobs.mapping.paths import Getter
from jobs.mapping.tables import ItemMapping
from jobs.mapping.times import TimeRule, date_reader
from jobs.mapping.values import as_ids, as_names, as_text, truth_reader

MOST_KNOWN = 100_000
"""Items of lists in an endless stream that are remembered, so that equal ones are left out."""


class ItemMapper:
    """Turns rows of a source into items of the contract.

    Fields that a row lacks are left out. An optional field that cannot be read is left out and
    counted; the item goes on without it. Where the table has no `updated_at`, a row adds to what
    earlier rows say of its item, and one that says nothing new is left out and counted. A mapper is
    for one pass over a table. With `endless` it is for a stream, and keeps next to nothing of
    earlier rows. Raises MappingError, which names the key.

    >>> ItemMapper(ItemMapping(item_id="id", title="name"))([{"id": 7, "name": " Heat "}])
    [{'item_id': 7, 'title': 'Heat'}]
    """

    def __init__(self, mapping: ItemMapping, key: str = "items", *, endless: bool = False) -> None:
        root = list_in(mapping.item_id)
        self._each = None if root is None else element_views(root)
        self._variants = mapping.variants
        self._scope = Scope(root, frozenset(mapping.absent))
        self._mapping, self._key = mapping, key
        self._columns: list[tuple[str, tuple[str, ...]]] = []
        self._clean: Callable[[str], str] | None = None
        if mapping.html or mapping.unescape_html:
            self._clean = html_text if mapping.html else html.unescape
        self._id = self._field("item_id")
        self._title = self._field("title", lists=True).get
        self._optional = tuple(self._optional_fields())
        self._cells = JsonCells(mapping.json) if mapping.json else None
        self._columns += [] if self._cells is None else self._cells.columns
        self._carry = None if mapping.carry_down is None else CarryDown(mapping.carry_down, key)
        if endless:
            refuse_memory(key, carry_down=self._carry, variants=self._variants)
        self._most_known = MOST_KNOWN if endless else None
        self.counts = MappingCounts()
        self._known: dict[str, int] = {}
        # With a time of its own each row is a whole version of its item.
        adds = mapping.updated_at is None and not endless
        self._earlier = EarlierRows() if adds else None

    def __call__(self, rows: Iterable[Mapping[str, Any]]) -> list[Record]:
        """The items of a batch of rows, in their order."""
        counts, out = self.counts, []
        for row, titled in self._views(rows):
            (item_id,), title = as_ids(self._id.values([row])), self._title_of(row)
            counts.words.look(f"{self._key}.item_id", (item_id,))
            counts.words.look(f"{self._key}.title", (title,))
            if self._each is not None and item_id is None:
                counts.nameless += 1
                continue
            if self._variants and not titled and (item_id is None or str(item_id) in self._known):
                counts.variants += 1
                continue
            record: Record = {}
            if item_id is not None:
                record["item_id"] = item_id
            if title is not None:
                record["title"] = title
            for name, get in self._optional:
                try:
                    found = get(row)
                except UnreadableValueError as error:
                    counts.leave_out(name, error)
                    continue
                if found is not None:
                    record[name] = found
            if not self._is_new(record):
                counts.repeated += 1
                continue
            if self._earlier is not None:
                full = self._earlier.complete(record)
                if full is None:
                    counts.repeated += 1
                    continue
                counts.completed += full.keys() != record.keys()
                record = full
            # Without a title a row can only take an item out of the catalogue.
            no_title = "title" not in record and record.get("available") is not False
            counts.broken += "item_id" not in record or no_title
            out.append(record)
        counts.records += len(out)
        return out

    def ids(self, row: Mapping[str, Any]) -> list[Any]:
        """The ids of the items of a row, whatever else it lacks."""
        found = self._id.values([view for view, _ in self._views([row])])
        return [item_id for item_id in as_ids(found) if item_id is not None]

    @property
    def changes_count(self) -> bool:
        """Whether a row can become another number of records than one."""
        return self._variants or self._each is not None

    @property
    def columns(self) -> list[tuple[str, tuple[str, ...]]]:
        """The fields that need a column, each with those of which one must be there."""
        return list(self._columns)

    def _is_new(self, record: Record) -> bool:
        """Remember the ids of an item; False for one that a list gave in the same words before."""
        if self._each is not None and self._earlier is None:
            item_id = str(record["item_id"])
            content = content_key(record)
            if self._known.get(item_id) == content:
                return False
            if self._most_known is not None and len(self._known) >= self._most_known:
                # What is forgotten is passed on once more, which changes nothing.
                self._known.clear()
            self._known[item_id] = content
        elif self._variants:
            # Rows with nothing but a picture have the group's name alone.
            for key in ("item_id", "group_id"):
                if key in record:
                    self._known.setdefault(str(record[key]), 0)
        return True

    def _views(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Any, bool]]:
        """The row of each item, and whether it has a title of its own."""
        for given in rows:
            row = given
            self.counts.rows += 1
            if self._cells is not None:
                (row,) = self._cells([row], self.counts.unparsed)
            full = row if self._carry is None else self._carry([row])[0]
            titled = not self._variants or self._title_of(row) is not None
            for view in (full,) if self._each is None else self._each(full):
                yield view, titled

    def _field(self, name: str, options: tuple[str, ...] = (), *, lists: bool = False) -> Field:
        spec = getattr(self._mapping, name)
        field = compile_field(spec, f"{self._key}.{name}", self._scope, options, lists=lists)
        self._columns += [(name, group) for group in field.columns]
        return field

    def _title_of(self, row: Any) -> Any:
        """The title; what is no text stays as it is, so that the job makes a dead letter of it."""
        found: Any = {}
        try:
            found = self._title(row)
            text = "" if found is None else as_text(found)
        except UnreadableValueError:
            return found
        if self._clean is not None:
            text = self._clean(text)
        return text.strip() or None

    def _optional_fields(self) -> Iterator[tuple[str, Getter]]:
        mapping, key = self._mapping, self._key
        if mapping.text is not None:
            text = self._field("text", ("max_chars", "split"), lists=True)
            yield "text", self._text(text, f"{key}.text")
        if mapping.categories is not None:
            yield "categories", self._categories()
        if mapping.language is not None:
            yield "language", _textual(self._field("language").get)
        for name in ("published_at", "updated_at"):
            if getattr(mapping, name) is not None:
                date = self._field(name, (*TIME_OPTIONS, "match"))
                get = _matched(date.get, pattern_option(date.options, "match", f"{key}.{name}"))
                yield name, _then(get, date_reader(self._date_rule(date, f"{key}.{name}")))
        if mapping.available is not None:
            field = self._field("available", ("not", "yes"))
            where = f"{key}.available"
            read = truth_reader(
                texts_option(field.options, "yes", where),
                truth_option(field.options, "not", where, False),
            )
            yield "available", _then(field.get, read)
        if mapping.attributes is not None:
            attributes = compile_attributes(
                mapping.attributes, f"{key}.attributes", self._scope, self._count_attribute
            )
            self._columns += [("attributes", group) for group in attributes.columns]
            yield "attributes", attributes.get
        if mapping.group_id is not None:
            yield "group_id", _identity(self._field("group_id").get)

    def _count_attribute(self, name: str, found: object) -> None:
        self.counts.leave_out(f"attributes.{name}", found)

    def _date_rule(self, field: Field, key: str) -> TimeRule | None:
        mapping = self._mapping
        table = table_times(
            mapping.time_unit or "rfc3339", mapping.time_format, mapping.time_zone, self._key
        )
        return time_rule(field.options, table, key, self._key)

    def _text(self, field: Field, key: str) -> Getter:
        max_chars = length_option(field.options, "max_chars", key)
        split = text_option(field.options, "split", key)
        if split == "":
            raise MappingError(f"{key}.split cannot be empty")

        def get_text(row: Any) -> Any:
            found = field.get(row)
            if found is None:
                return None
            text = as_text(found)
            if split is not None:
                text = ", ".join(part.strip() for part in text.split(split) if part.strip())
            if self._clean is not None:
                text = self._clean(text)
            if max_chars is not None and len(text) > max_chars:
                self.counts.cut["text"] += 1
                text = text[:max_chars].rpartition(" ")[0] or text[:max_chars]
            return text or None

        return get_text

    def _categories(self) -> Getter:
        spec, key = self._mapping.categories, f"{self._key}.categories"
        specs = spec if isinstance(spec, list) else [spec]
        fields = [compile_field(part, key, self._scope, ("separator",)) for part in specs]
        self._columns += [("categories", group) for field in fields for group in field.columns]
        separator = text_option(fields[0].options, "separator", key) if fields else None
        separator = self._mapping.separator if separator is None else separator
        get = fields[0].get if len(fields) == 1 else gather([field.get for field in fields])
        split = separator

        def get_names(row: Any) -> Any:
            found = get(row)
            if found is None:
                return None
            parts = found if isinstance(found, list) and len(fields) > 1 else [found]
            names = [name for part in parts for name in as_names(part, split)]
            self.counts.like_json += any(map(_is_like_json, parts))
            return list(dict.fromkeys(names)) or None

        return get_names


def _is_like_json(found: Any) -> bool:
    return isinstance(found, str) and found[:1] == "[" and found[-1:] == "]"


def _then(get: Getter, read: Callable[[Any], Any]) -> Getter:
    def get_read(row: Any) -> Any:
        found = get(row)
        try:
            return None if found is None else read(found)
        except UnreadableValueError as error:
            raise UnreadableValueError(found) from error

    return get_read


def _matched(get: Getter, pattern: re.Pattern[str] | None) -> Getter:
    """The group of a pattern in a text; None in a text that it does not fit."""
    if pattern is None:
        return get

    def get_part(row: Any) -> Any:
        found = get(row)
        match = pattern.search(found) if isinstance(found, str) else None
        return match[1] if match else None

    return get_part


def _textual(get: Getter) -> Getter:
    return _then(get, lambda found: as_text(found) or None)


def _identity(get: Getter) -> Getter:
    def read(given: Any) -> Any:
        (found,) = as_ids([given])
        if type(found) is int or isinstance(found, str):
            return found
        raise UnreadableValueError

    return _then(get, read)
