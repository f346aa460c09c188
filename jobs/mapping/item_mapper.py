"""Compiles the description of a table of items into a function of its rows."""

import html
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import orjson
import xxhash

from jobs.mapping.attributes import compile_attributes
from jobs.mapping.counts import MappingCounts
from jobs.mapping.errors import UnreadableValueError
from jobs.mapping.event_columns import Record
from jobs.mapping.fields import Field, Scope, compile_field, gather, list_in, missing_column
from jobs.mapping.html_text import html_text
from jobs.mapping.options import (
    TIME_OPTIONS,
    length_option,
    table_times,
    text_option,
    texts_option,
    time_rule,
    truth_option,
)
from jobs.mapping.paths import ELEMENT, Getter, path_getter
from jobs.mapping.tables import ItemMapping
from jobs.mapping.times import TimeRule, date_reader
from jobs.mapping.values import as_names, as_text, truth_reader


class ItemMapper:
    """Turns rows of a source into items of the contract.

    Fields that a row lacks are left out. An optional field that cannot be read is left out and
    counted; the item goes on without it. `counts` belongs to a pass: `restart` begins a new one.
    Raises MappingError, which names the key.

    >>> ItemMapper(ItemMapping(item_id="id", title="name"))([{"id": 7, "name": " Heat "}])
    [{'item_id': 7, 'title': 'Heat'}]
    """

    def __init__(self, mapping: ItemMapping, key: str = "items") -> None:
        root = list_in(mapping.item_id)
        self._root = None if root is None else path_getter(root)
        self._variants = mapping.variants
        self._scope = Scope(root, frozenset(mapping.absent))
        self._mapping, self._key = mapping, key
        self._columns: list[tuple[str, tuple[str, ...]]] = []
        self._clean: Callable[[str], str] | None = None
        if mapping.html or mapping.unescape_html:
            self._clean = html_text if mapping.html else html.unescape
        self._id = self._field("item_id").get
        self._title = self._field("title", lists=True).get
        self._optional = tuple(self._optional_fields())
        self.restart()

    def restart(self) -> None:
        """Begin a new pass."""
        self.counts = MappingCounts()
        self._known: dict[str, int] = {}

    def __call__(self, rows: Iterable[Mapping[str, Any]]) -> list[Record]:
        """The items of a batch of rows, in their order."""
        counts, out = self.counts, []
        remembers = self._variants or self._root is not None
        for row in self._views(rows):
            item_id, title = self._id(row), self._title_of(row)
            if self._variants and title is None and str(item_id) in self._known:
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
                except UnreadableValueError:
                    counts.unreadable[name] += 1
                    continue
                if found is not None:
                    record[name] = found
            if remembers and item_id is not None and not self._is_new(str(item_id), record):
                counts.repeated += 1
                continue
            counts.broken += item_id is None or title is None
            out.append(record)
        counts.records += len(out)
        return out

    @property
    def changes_count(self) -> bool:
        """Whether a row can become another number of records than one."""
        return self._variants or self._root is not None

    def check_columns(self, first: Mapping[str, Any]) -> str:
        """One sentence about a column that the first row of a table lacks; empty without."""
        return missing_column(self._columns, first)

    def _is_new(self, item_id: str, record: Record) -> bool:
        """Remember the content of an item; False where a list gave the same before."""
        if self._root is None:
            self._known.setdefault(item_id, 0)
            return True
        content = xxhash.xxh3_64_intdigest(orjson.dumps(record, default=str))
        if self._known.get(item_id) == content:
            return False
        self._known[item_id] = content
        return True

    def _views(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
        for row in rows:
            self.counts.rows += 1
            elements = None if self._root is None else self._root(row)
            if self._root is None:
                yield row
            elif isinstance(elements, list):
                for element in elements:
                    yield {**row, ELEMENT: element}

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
            text = self._field("text", ("max_chars",), lists=True)
            yield (
                "text",
                self._text(text.get, length_option(text.options, "max_chars", f"{key}.text")),
            )
        if mapping.categories is not None:
            yield "categories", self._categories()
        if mapping.language is not None:
            yield "language", _textual(self._field("language").get)
        for name in ("published_at", "updated_at"):
            if getattr(mapping, name) is not None:
                date = self._field(name, TIME_OPTIONS)
                yield name, _then(date.get, date_reader(self._date_rule(date, f"{key}.{name}")))
        if mapping.available is not None:
            field = self._field("available", ("not", "yes"))
            where = f"{key}.available"
            read = truth_reader(
                texts_option(field.options, "yes", where),
                truth_option(field.options, "not", where, False),
            )
            yield "available", _then(field.get, read)
        if mapping.attributes is not None:
            attributes = compile_attributes(mapping.attributes, f"{key}.attributes", self._scope)
            self._columns += [("attributes", group) for group in attributes.columns]
            yield "attributes", attributes.get
        if mapping.group_id is not None:
            yield "group_id", _identity(self._field("group_id").get)

    def _date_rule(self, field: Field, key: str) -> TimeRule | None:
        mapping = self._mapping
        table = table_times(
            mapping.time_unit or "rfc3339", mapping.time_format, mapping.time_zone, self._key
        )
        return time_rule(field.options, table, key, self._key)

    def _text(self, get: Getter, max_chars: int | None) -> Getter:
        def get_text(row: Any) -> Any:
            found = get(row)
            if found is None:
                return None
            text = as_text(found)
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
            return list(dict.fromkeys(names)) or None

        return get_names


def _then(get: Getter, read: Callable[[Any], Any]) -> Getter:
    def get_read(row: Any) -> Any:
        found = get(row)
        return None if found is None else read(found)

    return get_read


def _textual(get: Getter) -> Getter:
    return _then(get, lambda found: as_text(found) or None)


def _identity(get: Getter) -> Getter:
    def read(found: Any) -> Any:
        if type(found) is int or isinstance(found, str):
            return found
        raise UnreadableValueError

    return _then(get, read)
