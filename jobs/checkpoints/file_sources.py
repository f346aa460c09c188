"""What a checkpoint says of the sources that read files: which were found, which are not read yet.

A file source lists its folder, remembers the path of every file that it has found, and hands each
file to a reader. It remembers files that no reader has got (pending), and a reader those that it
has not read to the end. A file that was found and is neither is read: a job that starts from this
checkpoint never opens it again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jobs.checkpoints.errors import CheckpointFormatError
from jobs.checkpoints.java_input import JavaInput, decoded
from jobs.checkpoints.metadata import ListParts, OperatorState, read_metadata

_READERS = "SourceReaderState"
_PENDING_MAGIC = -559_038_737
_VERSION = 1


@dataclass(frozen=True)
class FileSource:
    """A source's operator name, the paths that it has found, and those that are not read yet."""

    name: str
    found: frozenset[str]
    unread: frozenset[str]

    def has_read(self, path: str) -> bool:
        """Whether a job that starts from this checkpoint will not open the file.

        >>> source = FileSource("s", frozenset({"file:/a", "file:/b"}), frozenset({"file:/b"}))
        >>> [source.has_read(path) for path in ("file:/a", "file:/b", "file:/c")]
        [True, False, False]
        """
        return path in self.found and path not in self.unread


def read_file_sources(folder: Path) -> list[FileSource]:
    """The file sources in the checkpoint in `folder`.

    Raises OSError, and CheckpointFormatError where anything is not as it is known here.
    """
    return [
        _file_source(operator)
        for operator in read_metadata(folder)
        if operator.coordinator is not None
    ]


def _file_source(operator: OperatorState) -> FileSource:
    data = JavaInput(operator.coordinator or b"")
    if (data.int32(), data.int32()) != (_VERSION, _VERSION) or data.int32() != data.left:
        raise CheckpointFormatError(f"the coordinator of {operator.name} is of an unknown form")
    if data.little_int32() != _PENDING_MAGIC or data.little_int32() != _VERSION:
        raise CheckpointFormatError(f"{operator.name} is no file source of a known form")
    pending_count, found_count = data.little_int32(), data.little_int32()
    pending = [_split(data.take(data.little_int32())) for _ in range(pending_count)]
    found = [decoded(data.take(data.little_int32())) for _ in range(found_count)]
    if data.left:
        raise CheckpointFormatError(f"{data.left} bytes follow the paths of {operator.name}")
    readers = operator.lists.get(_READERS, [])
    if len(readers) != operator.parallelism:
        raise CheckpointFormatError(f"a reader of {operator.name} has no state")
    in_progress = [path for parts in readers for path in _splits_of_a_reader(parts)]
    if not set(pending + in_progress) <= set(found):
        raise CheckpointFormatError(f"{operator.name} reads a file that it has not found")
    return FileSource(operator.name, frozenset(found), frozenset(pending + in_progress))


def _splits_of_a_reader(parts: ListParts) -> Iterator[str]:
    if not parts.offsets:
        return
    stored = parts.stored if isinstance(parts.stored, bytes) else parts.stored.read_bytes()
    for offset in parts.offsets:
        # A list element is an array of bytes; the array is a version, a length and the split.
        element = JavaInput(stored, offset)
        array = JavaInput(element.take(element.int32()))
        if array.int32() != _VERSION or array.int32() != array.left:
            raise CheckpointFormatError("a reader's split is of an unknown form")
        yield _split(array.take(array.left))


def _split(raw: bytes) -> str:
    """The path of a split, as `Path.toString` of Flink writes it."""
    data = JavaInput(raw)
    data.utf()  # id
    if not data.flag():
        raise CheckpointFormatError("a split has no path")
    scheme, user, host = data.nullable_string(), data.nullable_string(), data.nullable_string()
    port, path = data.int32(), data.nullable_string()
    query, fragment = data.nullable_string(), data.nullable_string()
    data.take(4 * 8)  # offset, length, time of the last change, size of the file
    for _ in range(data.count()):
        data.utf()  # host
    if data.flag():
        data.take(2 * 8)  # position
    if data.left or scheme != "file" or not path or user or host or port != -1 or query or fragment:
        raise CheckpointFormatError(f"a split of an unknown form: {scheme}, {path}")
    return f"file:{path}"
