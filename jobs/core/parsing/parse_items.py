"""Parses raw lines of the items stream into items, withdrawals and dead letters."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from xxhash import xxh3_128_digest

from jobs.core.parsing.broken_lines import dead_item
from jobs.core.parsing.events import DeadLetter, Rejection
from jobs.core.parsing.json_records import (
    DATES_MS,
    read_id,
    read_object,
    read_text,
    read_time_ms,
)
from jobs.core.parsing.rules import Rules
from jobs.core.parsing.withdraw_all import is_withdraw_all


@dataclass(frozen=True)
class Item:
    """An accepted item; times are in epoch milliseconds, `attributes` is a JSON object."""

    item_id: str
    title: str
    body: str | None = None
    categories: tuple[str, ...] = ()
    language: str | None = None
    published_ms: int | None = None
    available: bool = True
    attributes: str = "{}"
    updated_ms: int | None = None
    group_id: str | None = None

    @property
    def document(self) -> str:
        """The text that is encoded: the title and, where there is one, the body.

        >>> Item("1", "Alien", "Horror in space").document
        'Alien. Horror in space'
        """
        return f"{self.title}. {self.body}" if self.body else self.title

    @property
    def text_hash(self) -> bytes:
        """A hash of the document, 16 bytes."""
        return xxh3_128_digest(self.document.encode())


@dataclass(frozen=True)
class Withdrawal:
    """Makes a known item unavailable, and keeps all else of it; the time is in epoch ms."""

    item_id: str
    updated_ms: int | None = None


@dataclass(frozen=True)
class WithdrawAll:
    """Makes all known items of a bucket unavailable, and keeps all else of them."""


@dataclass(frozen=True)
class ParsedItems:
    """The accepted records in their order, and the dead letters of the other lines."""

    records: list[Item | Withdrawal | WithdrawAll] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)

    @property
    def items(self) -> list[Item]:
        """The records that say what an item is, without the withdrawals."""
        return [record for record in self.records if isinstance(record, Item)]


def parse_items(lines: Sequence[bytes], rules: Rules) -> ParsedItems:
    """Accept or reject every line: each becomes an item, a withdrawal or a dead letter.

    >>> parse_items([b'{"item_id": 7, "title": "Alien"}'], Rules(frozenset())).items[0].item_id
    '7'
    """
    parsed = ParsedItems()
    for line in lines:
        record = read_object(line, rules)
        item = record if isinstance(record, Rejection) else check_item(record, rules)
        if isinstance(item, Rejection):
            parsed.dead.append(dead_item(line, record, item, rules))
        else:
            parsed.records.append(item)
    return parsed


def parse_bucket(lines: Sequence[bytes], rules: Rules) -> ParsedItems:
    """`parse_items` of the lines of a bucket, among which may be ones that withdraw all its items.

    >>> lines = [b'{"item_id": 7, "title": "Alien"}', b"\\x1ewithdraw_all 3"]
    >>> [type(record).__name__ for record in parse_bucket(lines, Rules(frozenset())).records]
    ['Item', 'WithdrawAll']
    """
    places = [place for place, line in enumerate(lines) if is_withdraw_all(line)]
    if not places:
        return parse_items(lines, rules)
    parsed, begin = ParsedItems(), 0
    for place in [*places, len(lines)]:
        part = parse_items(lines[begin:place], rules)
        parsed.records.extend(part.records)
        parsed.dead.extend(part.dead)
        if place < len(lines):
            parsed.records.append(WithdrawAll())
        begin = place + 1
    return parsed


def check_item(record: dict[str, Any], rules: Rules) -> Item | Withdrawal | Rejection:
    """The item of one record, or the reason why the record is rejected.

    A record without a title that says `available: false` is a withdrawal. Its other fields must be
    valid, too, and do not count.
    """
    item_id = read_id(record, "item_id", rules)
    title = read_text(record, "title", rules)
    body = read_text(record, "text", rules)
    language = read_text(record, "language", rules)
    published = read_time_ms(record, "published_at")
    updated = read_time_ms(record, "updated_at")
    categories = _categories(record.get("categories"), rules)
    available = record.get("available")
    attributes = record.get("attributes")
    group_id = _group_id(record, rules)
    for found in (item_id, title, body, language, published, updated, categories, group_id):
        if isinstance(found, Rejection):
            return found
    if title is None and available is not False:
        return Rejection("missing_field", "title")
    if available is not None and not isinstance(available, bool):
        return Rejection("wrong_type", f"available is a {type(available).__name__}")
    if attributes is not None and not isinstance(attributes, dict):
        return Rejection("wrong_type", f"attributes is a {type(attributes).__name__}")
    for time_ms in (published, updated):
        if isinstance(time_ms, int) and time_ms not in DATES_MS:
            return Rejection("time_out_of_bounds", str(time_ms)[:64])
    # Every Rejection was returned above, which the type checker cannot see.
    if title is None:
        return Withdrawal(item_id, updated)  # type: ignore[arg-type]
    return Item(
        item_id,  # type: ignore[arg-type]
        title,  # type: ignore[arg-type]
        body,  # type: ignore[arg-type]
        categories,  # type: ignore[arg-type]
        language,  # type: ignore[arg-type]
        published,  # type: ignore[arg-type]
        available is not False,
        orjson.dumps(attributes or {}).decode(),
        updated,  # type: ignore[arg-type]
        group_id,  # type: ignore[arg-type]
    )


def _group_id(record: dict[str, Any], rules: Rules) -> str | None | Rejection:
    # A table has an empty text where an item belongs to no group.
    if record.get("group_id") == "":
        return None
    return read_id(record, "group_id", rules, required=False)


def _categories(found: Any, rules: Rules) -> tuple[str, ...] | Rejection:
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        return Rejection("wrong_type", "categories is not a list of strings")
    # The limit of ids: an entry of a Postgres index has at most 2.7 kB.
    if any(len(name) > rules.max_id_chars for name in found):
        return Rejection("too_long", "categories")
    return tuple(found)
