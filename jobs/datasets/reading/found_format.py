"""Finds out how a file is written, from what was said of it, its name and its beginning."""

import ast
import re
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from jobs.datasets.errors import DatasetFileError
from jobs.datasets.file_format import FileFormat
from jobs.datasets.reading.cells import Dialect
from jobs.datasets.reading.find_dialect import find_delimiter, find_line_end, try_quotes
from jobs.datasets.reading.plain_bytes import ENDINGS
from jobs.datasets.reading.sample import SIZE, find_encoding, read_sample

_NAMED = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_WORDS = {
    "csv": "a table of cells",
    "tsv": "a table of cells",
    "jsonl": "JSON lines",
    "json": "one JSON document with a list",
    "python": "lines of Python literals",
    "parquet": "Parquet",
}
_LINE_END = re.compile(r"\r\n|\n|\r")
_LIST = re.compile(r"\[\s*\{")


@dataclass(frozen=True)
class FoundFormat:
    """How a file is written, with nothing left open, and what of it nobody said."""

    form: FileFormat
    """With `format` and, but for Parquet, `encoding`; of cells also delimiter, quote and escape."""
    line_end: str
    notes: tuple[str, ...]
    """Sentences on what was found and could be otherwise."""

    @property
    def dialect(self) -> Dialect:
        """Of a table of cells."""
        form = self.form
        return Dialect(form.delimiter or ",", form.quote or "", form.escape or "")


def find_format(path: Path, said: FileFormat) -> FoundFormat | None:
    """How a file is written; None for an empty one.

    Raises DatasetFileError for a file that is no file of rows, or not what was said.
    """
    sample = read_sample(path)
    if not sample.head:
        return None
    if sample.is_parquet:
        if said.format not in (None, "parquet"):
            raise DatasetFileError(f"{path} is Parquet, and not {said.format}")
        return FoundFormat(replace(said, format="parquet"), "\n", _differs(path, "parquet"))
    if said.format == "parquet" or (said.format is None and _by_name(path) == "parquet"):
        raise DatasetFileError(f"{path} is no Parquet file")
    encoding = find_encoding(sample, said.encoding)
    text = sample.text(encoding)
    if not text.strip("\ufeff \t\r\n") and sample.whole:
        return None
    of_cells = said.delimiter is not None or said.header is not None or said.columns
    found = said.format or (
        "csv" if of_cells and _by_name(path) != "tsv" else _by_content(path, text)
    )
    if found == "jsonl" and _is_list(text):
        found = "json"
    notes = _differs(path, found) if found != said.format else ()
    if encoding not in ("utf-8", "utf-8-sig", said.encoding):
        notes = (*notes, f"{path.name} is read as {encoding.upper()}, by its byte order mark")
    # The mark is taken off the first line, and a codec that knows it is slow.
    form = replace(said, format=found, encoding=encoding.removesuffix("-sig"))
    if found in ("csv", "tsv"):
        return _of_cells(path, form, text, sample.whole, notes)
    if found == "json" and sample.whole and len(names := _lists_in(_parsed(text))) > 1:
        notes = (*notes, f"{path.name} holds the lists {', '.join(names)}: only the first is read")
    return FoundFormat(form, "\n", notes)


def _of_cells(
    path: Path, form: FileFormat, text: str, whole: bool, notes: tuple[str, ...]
) -> FoundFormat:
    delimiter, quote = form.delimiter, form.quote
    if delimiter is None:
        delimiter = "\t" if form.format == "tsv" else find_delimiter(text)
        if delimiter != ("\t" if form.format == "tsv" else ","):
            notes = (*notes, f"the cells of {path.name} are separated by {delimiter!r}")
    line_end = find_line_end(text)
    tried = try_quotes(text, Dialect(delimiter, quote or '"', form.escape or ""), line_end, whole)
    if quote is None:
        plain = len(delimiter) > 1 or (
            delimiter == "\t" and (tried.broken is not None or not tried.needed)
        )
        quote = "" if plain else '"'
        if plain and _begins_with_quote(text, delimiter):
            notes = (
                *notes,
                f"quotes in {path.name} are part of its texts, and enclose nothing (quote ="
                " '\"' if they do)",
            )
    if quote and form.quote is None and tried.suspect is not None:
        notes = (
            *notes,
            f"line {tried.suspect} of {path.name} begins a cell of several lines, and one of these"
            ' could be a row of its own (quote = "" if quotes enclose nothing)',
        )
    if form.quote is None and _has_single_quotes(text):
        notes = (
            *notes,
            f"""lines of {path.name} are enclosed in ': say quote = "'" if cells are""",
        )
    if quote and tried.broken is not None:
        line, reason = tried.broken
        hint = r'escape = "\\"' if f"\\{quote}" in text and not form.escape else 'quote = ""'
        notes = (*notes, f"{path.name}, line {line}: {reason}; {hint} may be what the file needs")
    form = replace(form, delimiter=delimiter, quote=quote, escape=form.escape or "")
    return FoundFormat(form, line_end, notes)


def _has_single_quotes(text: str) -> bool:
    """Whether all of the first lines behind a header begin and end with a single quote."""
    rows = [line for line in _LINE_END.split(text, 21)[1:21] if line.strip()]
    return bool(rows) and all(len(row) > 1 and row[0] == row[-1] == "'" for row in rows)


def _begins_with_quote(text: str, delimiter: str) -> bool:
    return any(f'{before}"' in text for before in (delimiter, "\n", "\r")) or text.startswith('"')


def _differs(path: Path, found: str) -> tuple[str, ...]:
    by_name = _by_name(path)
    if (
        by_name == found
        or {by_name, found} == {"csv", "tsv"}
        or (by_name is None and found == "csv")
    ):
        return ()
    return (f"{path.name} is read as {_WORDS[found]}, by its content",)


def _by_name(path: Path) -> str | None:
    """The format of a name, whatever the file is compressed with."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() not in ENDINGS]
    return _NAMED.get(suffixes[-1]) if suffixes else None


def _by_content(path: Path, text: str) -> str:
    named = _by_name(path)
    bare = text.lstrip("\ufeff \t\r\n")
    if bare.startswith("[") and (named in ("json", "jsonl") or (_LIST.match(bare) and not named)):
        return "json"
    first = [line for line in _LINE_END.split(bare[:SIZE]) if line.strip()][:20]
    if first and first[0].lstrip().startswith("{"):
        if isinstance(document := _parsed(first[0]), dict):
            is_document = named != "jsonl" and len(first) == 1 and _holds_list(document)
            return "json" if is_document else "jsonl"
        if _is_literal(first[0]) and not any(isinstance(_parsed(line), dict) for line in first):
            return "python"
    if named == "json" and not any(isinstance(_parsed(line), dict) for line in first[1:]):
        return "json" if bare.startswith("{") else "jsonl"
    return "jsonl" if named == "json" else named or "csv"


def _is_list(text: str) -> bool:
    """Whether a text is one list of objects, of which no line is an object of its own."""
    bare = text.lstrip("\ufeff \t\r\n")
    if not _LIST.match(bare):
        return False
    first, _, others = bare.partition("\n")
    return _parsed(first) is None or not others.strip()


def _parsed(line: str) -> object:
    try:
        return orjson.loads(line.rstrip().removesuffix(","))
    except orjson.JSONDecodeError:
        return None


def _holds_list(found: dict[str, object]) -> bool:
    return bool(_lists_in(found))


def _lists_in(found: object) -> list[str]:
    """The members of an object that are lists of objects."""
    members = found.items() if isinstance(found, dict) else ()
    return [
        str(name)
        for name, value in members
        if isinstance(value, list) and value and all(isinstance(one, dict) for one in value)
    ]


def _is_literal(line: str) -> bool:
    if len(line) > 100_000 or not line.startswith("{"):
        return False
    try:
        return isinstance(ast.literal_eval(line), dict)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False
