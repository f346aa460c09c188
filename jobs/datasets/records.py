"""Records of the contract as a data set: files of JSON lines, as docs/contract.md describes them.

The files are `items.jsonl` and `events.jsonl` (or `.ndjson`, more files such as `events-2.jsonl`,
each of them compressed or not), or lie in the folders `items` and `events`, as those of streams do.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from jobs.core.parsing.json_records import is_too_deep
from jobs.datasets.dataset import Dataset, Line, PassCount
from jobs.datasets.errors import DatasetFileError, MappingError
from jobs.datasets.files import byte_lines, count_rows
from jobs.datasets.order import by_time
from jobs.datasets.twins import refuse_twins
from jobs.mapping.absent_words import AbsentWords

_ENDING = r"\.(?:jsonl|ndjson)(?:\.(?:gz|zst|zstd|bz2|xz|zip))?"
_LINES = re.compile(rf"(?![._]).+{_ENDING}")
_NAMED = re.compile(rf"(items|events|control)(?:[-_.].*)?{_ENDING}")
_IDS = ("item_id", "user_id", "event_id")
_REQUIRED = {
    "items": ("item_id", "title"),
    "events": ("event_id", "user_id", "action", "event_time"),
}


@dataclass(frozen=True)
class RecordFiles:
    """The files of records in a folder, in the order of their names."""

    items: list[Path]
    events: list[Path]
    unread: str = ""
    """What beside them is not read, as a sentence; empty where there is nothing."""


def find_records(path: Path) -> RecordFiles | None:
    """The files of records in a folder, or the one that `path` is; None where there are none."""
    if path.is_file():
        named = _NAMED.fullmatch(path.name)
        if named is None or named[1] == "control":
            return None
        return RecordFiles([path], []) if named[1] == "items" else RecordFiles([], [path])
    found: dict[str, list[Path]] = {"items": [], "events": [], "control": []}
    others: list[str] = []
    for entry in sorted(path.iterdir()):
        if (named := _NAMED.fullmatch(entry.name)) and entry.is_file():
            found[named[1]].append(entry)
        elif entry.name in found and entry.is_dir():
            for file in sorted(entry.iterdir()):
                if _LINES.fullmatch(file.name):
                    found[entry.name].append(file)
                elif not file.name.startswith((".", "_")):
                    others.append(f"{entry.name}/{file.name}")
    if not found["items"] and not found["events"]:
        return None
    return RecordFiles(found["items"], found["events"], _unread(found["control"], others))


def _unread(control: list[Path], others: list[str]) -> str:
    sentences = []
    if control:
        sentences.append(
            "control records are not read, since commands have no order relative to events: give"
            f" {_some([file.name for file in control])} to `interestream feed control`"
        )
    if others:
        sentences.append(f"neither .jsonl nor .ndjson, and not read: {_some(others)}")
    return "; ".join(sentences)


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def records(path: Path, files: RecordFiles) -> Dataset:
    """The data set of `files`, which were found at `path`.

    Events are sorted by time in memory. A line that is no JSON object is passed on as it is, so
    that the job makes it a dead letter; empty lines are left out. Raises DatasetFileError when no
    file holds a line, or one cannot be read or is there a second time, compressed; MappingError
    when the first record of a stream has none of the fields that the contract requires.
    """
    items_read, events_read = PassCount(), PassCount()
    words = {"items": AbsentWords(), "events": AbsentWords()}
    refuse_twins([*files.items, *files.events])
    if not any([_has_records("items", files.items), _has_records("events", files.events)]):
        raise DatasetFileError(
            f"{path} holds no record: items.jsonl needs a line for each item"
            f" ({', '.join(_REQUIRED['items'])}), events.jsonl one for each event"
            f" ({', '.join(_REQUIRED['events'])}, and item_id or text)"
        )
    return Dataset(
        name=path.absolute().name.partition(".")[0],
        items=lambda: _read("items", files.items, items_read, words),
        events=lambda: iter(by_time(_read("events", files.events, events_read, words))),
        item_rows=_count(files.items),
        event_rows=_count(files.events),
        items_read=items_read,
        events_read=events_read,
        unread=files.unread,
        left_out=lambda: "; ".join(
            told for found in words.values() for told in found.sentences(can_be_set=False)
        ),
        left_out_counts=lambda: {
            stream: {"like_absent": counts}
            for stream, found in words.items()
            if (counts := found.as_dict())
        },
    )


def _has_records(stream: str, files: list[Path]) -> bool:
    """Whether there is a line; raises MappingError when the first object is no such record."""
    has_lines = False
    for file in files:
        for line in _lines(file):
            has_lines = True
            if not isinstance(line, dict):
                continue
            if not line.keys() & set(_REQUIRED[stream]):
                raise MappingError(
                    f"the first record of {file} has none of the fields"
                    f" {', '.join(_REQUIRED[stream])}, but {', '.join(map(repr, line)) or 'none'}:"
                    " name its columns in a mapping file (--mapping)"
                )
            return True
    return has_lines


def _count(files: list[Path]) -> int | None:
    counts = [count_rows(file) for file in files]
    return None if None in counts else sum(count or 0 for count in counts)


def _read(
    stream: str, files: list[Path], count: PassCount, words: dict[str, AbsentWords]
) -> Iterator[Line]:
    count.restart()
    found = words[stream] = AbsentWords()
    required = set(_REQUIRED[stream])
    names = (*_IDS, "title") if stream == "items" else _IDS
    for file in files:
        for line in _lines(file):
            if isinstance(line, dict):
                for name in names:
                    found.look(f"{stream}.{name}", (line.get(name),))
            count.add(broken=isinstance(line, bytes) or not required <= line.keys())
            yield line


def _lines(file: Path) -> Iterator[Line]:
    for raw in byte_lines(file):
        if not raw.strip():
            continue
        # What orjson reads, but could not write again.
        if is_too_deep(raw):
            yield raw
            continue
        try:
            record = orjson.loads(raw)
        except orjson.JSONDecodeError:
            record = raw
        yield record if isinstance(record, dict) else raw
