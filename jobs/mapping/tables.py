"""The description of a source: its items and its events, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

FILE_KEYS = ("format", "delimiter", "quote", "escape", "header", "columns", "encoding")
"""The keys of a table that describe its file, which the reader of files understands."""

Spec = Any
"""A column's name or path, or a table with `column`, `path`, `constant`, `first` or `join`."""


@dataclass(frozen=True, kw_only=True)
class ItemMapping:
    """Where the fields of an item stand; None for a field that the source lacks."""

    file: str = ""
    item_id: Spec
    title: Spec
    text: Spec = None
    """One source, or several that are joined; `max_chars` cuts it."""
    categories: Spec = None
    """Lists, or texts that are split at `separator`."""
    separator: str = "|"
    language: Spec = None
    published_at: Spec = None
    updated_at: Spec = None
    available: Spec = None
    """A truth value; `not` turns it round, `yes` lists the texts that mean true."""
    attributes: Spec = None
    """Columns, or a table of names and sources."""
    group_id: Spec = None
    """What the variants of an item have in common."""
    variants: bool = False
    """Whether a row without a title of its own is a further variant of a product before it: it is
    left out, unless it has an id that is new."""
    json: tuple[str, ...] = ()
    """The columns whose cells are texts of JSON, which paths lead into."""
    carry_down: Mapping[str, Any] | None = None
    """The columns that rows of a group (`by`) leave empty, because its first row has said them."""
    html: bool = False
    """Whether titles and texts are HTML: mark-up is removed, entities are decoded."""
    unescape_html: bool = False
    """Whether `&amp;` stands for `&` in titles and texts, which have no mark-up."""
    time_unit: str | None = None
    """Unit of `published_at` and `updated_at`; without it they are dates."""
    time_format: str | None = None
    time_zone: str | None = None
    absent: tuple[str, ...] = ()
    """Texts that count as absent, and whole numbers of these digits."""
    file_keys: Mapping[str, Any] = field(default_factory=dict)
    """The keys of FILE_KEYS, as they stand."""


@dataclass(frozen=True, kw_only=True)
class EventMapping:
    """Where the fields of an event stand; None for a field that the source lacks."""

    file: str = ""
    user_id: Spec
    time: Spec
    item_id: Spec = None
    """A path through a list, such as `items[].id`, makes an event of each element; so does
    `split`. `match` is a pattern with one group, the id."""
    text: Spec = None
    action: Spec = None
    """An event without one has `default_action`."""
    actions: Mapping[str, str] = field(default_factory=dict)
    """Action by the source's name of it; `_ignore` leaves the event out, and `_other` stands for
    every name that is not listed."""
    default_action: str | None = None
    value: Spec = None
    """A number; `decimal` and `factor` say how it is written. An event without one that is
    `required` becomes a dead letter."""
    value_factor: float = 1.0
    """Factor of every value, such as 0.5 for ratings of 0 to 10."""
    event_id: Spec = None
    """An event without one gets an id from its content. `columns` makes one of several."""
    session_id: Spec = None
    context: Spec = None
    """Columns, or a table of names and sources: an object that is carried along."""
    time_unit: str = "s"
    time_format: str | None = None
    """A pattern of strptime, in place of the unit."""
    time_zone: str | None = None
    """IANA name of the zone of times without an offset."""
    json: tuple[str, ...] = ()
    """The columns whose cells are texts of JSON, which paths lead into."""
    carry_down: Mapping[str, Any] | None = None
    """The columns that rows of a group (`by`) leave empty, because its first row has said them."""
    order: Literal["time", "file"] = "time"
    """`time` sorts the events in memory, `file` keeps the order of the file."""
    absent: tuple[str, ...] = ()
    file_keys: Mapping[str, Any] = field(default_factory=dict)
    """The keys of FILE_KEYS, as they stand."""


@dataclass(frozen=True)
class TableMapping:
    """A source's name, its table of items and its tables of events."""

    name: str
    items: ItemMapping | None
    events: tuple[EventMapping, ...] = ()
