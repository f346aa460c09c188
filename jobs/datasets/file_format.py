"""How a file of rows is written: the keys that say so, and what they may be."""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from jobs.datasets.errors import MappingError

FORMATS = ("csv", "tsv", "jsonl", "json", "parquet", "python")
_OF_CELLS = ("delimiter", "quote", "escape", "header", "columns")
_WORDS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}


@dataclass(frozen=True)
class FileFormat:
    """How a file of rows is written; None where the file itself tells."""

    format: str | None = None
    """csv, tsv, jsonl (an object a line), json (an array), parquet, python (a literal a line)."""
    delimiter: str | None = None
    """What stands between cells: one character or more, such as `::`, or a word such as `tab`."""
    quote: str | None = None
    """The character that cells may be enclosed in, or an empty text where quotes mean nothing."""
    escape: str | None = None
    """The character that takes the meaning from the next one, such as a backslash."""
    header: bool | None = None
    """Whether the first line names the columns; without one and `columns` they are 1, 2, 3, ..."""
    columns: tuple[str, ...] = ()
    """The names of the columns, in the place of those of a header."""
    encoding: str | None = None
    """The encoding of the text, such as latin-1; that of the byte order mark, or UTF-8, if None."""


FILE_KEYS = tuple(field.name for field in fields(FileFormat))


def file_format(keys: Mapping[str, Any], where: str) -> FileFormat:
    """The format that a mapping's keys describe; `where` begins the messages.

    Raises MappingError, which names the key and what it may be.

    >>> file_format({"delimiter": "tab", "columns": ["user", "item"]}, "shop.toml: events.").columns
    ('user', 'item')
    """
    texts = {key: _text(keys, key, where) for key in ("format", "delimiter", "quote", "escape")}
    if texts["format"] not in (None, *FORMATS):
        raise _refused(where, "format", texts["format"], ", ".join(FORMATS))
    delimiter = texts["delimiter"]
    delimiter = None if delimiter is None else _WORDS.get(delimiter.lower(), delimiter)
    if delimiter is not None and (not delimiter or {"\n", "\r", '"'} & set(delimiter)):
        raise _refused(where, "delimiter", delimiter, 'characters such as ",", "::", or "tab"')
    for key, least in (("quote", 0), ("escape", 1)):
        found = texts[key]
        if found is not None and not (least <= len(found) <= 1 and found not in ("\n", "\r")):
            raise _refused(
                where, key, found, '\'"\', or "" for none' if key == "quote" else r'"\\"'
            )
    special = [found for found in (delimiter, texts["quote"], texts["escape"]) if found]
    if len(set(special)) < len(special):
        raise MappingError(f"{where}delimiter, quote and escape must differ")
    header = keys.get("header")
    if header is not None and not isinstance(header, bool):
        raise _refused(where, "header", header, "true or false")
    if texts["format"] not in (None, "csv", "tsv"):
        for key in _OF_CELLS:
            if key in keys:
                raise MappingError(f"{where}{key} is for csv and tsv, not for {texts['format']}")
    return FileFormat(
        format=texts["format"],
        delimiter=delimiter,
        quote=texts["quote"],
        escape=texts["escape"],
        header=header,
        columns=_columns(keys.get("columns", ()), where),
        encoding=_encoding(_text(keys, "encoding", where), where),
    )


def _text(keys: Mapping[str, Any], key: str, where: str) -> str | None:
    found = keys.get(key)
    if found is not None and not isinstance(found, str):
        raise _refused(where, key, found, "a text")
    return found


def _columns(found: Any, where: str) -> tuple[str, ...]:
    names = tuple(found) if isinstance(found, list | tuple) else (None,)
    if not all(isinstance(name, str) and name for name in names) or len(set(names)) < len(names):
        raise _refused(where, "columns", found, 'different names such as ["user", "item"]')
    return names


def _encoding(found: str | None, where: str) -> str | None:
    if found is None:
        return None
    try:
        # Names of domains have codecs as well, which cannot replace what they cannot read.
        b"\xff\xff\xff\xff".decode(found, "replace").encode(found, "replace")
    except (LookupError, ValueError):
        examples = "utf-8, latin-1, cp1252 or utf-16"
        raise _refused(where, "encoding", found, f"a name such as {examples}") from None
    return codecs.lookup(found).name


def _refused(where: str, key: str, found: Any, allowed: str) -> MappingError:
    return MappingError(f"{where}{key} cannot be {found!r}; use {allowed}")
