"""Reads `_metadata` of a checkpoint: what each operator's coordinator and subtasks have stored.

The form is that of Flink 2.x (version 6 of the file). Everything is read and nothing skipped by
guess: a file with anything unknown in it raises CheckpointFormatError. The tests read the same
files with Flink's own classes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jobs.checkpoints.errors import CheckpointFormatError
from jobs.checkpoints.java_input import JavaInput

_MAGIC, _VERSION = 0x4960672D, 6
_MASTER_STATE_MAGIC = -915_728_746
_SERIALIZED_OBJECT = b"\xac\xed\x00\x05"
_NULL, _BYTES, _FILE, _KEY_GROUPS, _PARTITIONABLE = 0, 1, 2, 3, 4
_INCREMENTAL, _RELATIVE_FILE, _SAVEPOINT_KEY_GROUPS = 5, 6, 7
_INCREMENTAL_V2, _KEY_GROUPS_V2 = 11, 12


@dataclass(frozen=True)
class ListParts:
    """The elements of one list state of one subtask: a file or bytes, and where each begins."""

    stored: Path | bytes
    offsets: tuple[int, ...]


@dataclass(frozen=True)
class OperatorState:
    """What a checkpoint says of an operator: the coordinator's state, and its list states."""

    name: str
    parallelism: int
    coordinator: bytes | None
    lists: dict[str, list[ListParts]]
    """By the state's name, one entry a subtask."""


def read_metadata(folder: Path) -> list[OperatorState]:
    """The operators of the checkpoint in `folder`.

    Raises OSError, and CheckpointFormatError where the file is not what is known here.
    """
    data = JavaInput((folder / "_metadata").read_bytes())
    magic, version = data.int32(), data.int32()
    if (magic, version) != (_MAGIC, _VERSION):
        raise CheckpointFormatError(
            f"{folder} has the form {magic:#x}, version {version}; known is version {_VERSION}"
        )
    data.int64()  # the checkpoint's number
    for _ in range(data.count()):
        if data.int32() != _MASTER_STATE_MAGIC:
            raise CheckpointFormatError("a master state does not begin as it should")
        data.take(data.int32())
    operators = [_operator(data, folder) for _ in range(data.count())]
    # The checkpoint's properties end the file.
    if data.take(4) != _SERIALIZED_OBJECT:
        raise CheckpointFormatError("the operators do not end where they should")
    return operators


def _operator(data: JavaInput, folder: Path) -> OperatorState:
    name = data.utf()
    data.utf()  # uid
    data.take(16)  # id
    parallelism = data.int32()
    data.int32()  # largest parallelism
    coordinator = _stream(data, folder)
    if isinstance(coordinator, Path):
        raise CheckpointFormatError(f"the coordinator of {name} has its state in a file")
    state = OperatorState(name, parallelism, coordinator, {})
    subtasks = data.int32()
    for _ in range(max(subtasks, 0)):
        if data.int32() >= 0:  # a finished subtask has a negative index, and no state
            _subtask(data, folder, state)
    return state


def _subtask(data: JavaInput, folder: Path, state: OperatorState) -> None:
    for _ in ("managed", "raw"):
        if data.int32():
            for name, parts in _partitionable(data, folder):
                state.lists.setdefault(name, []).append(parts)
    for _ in ("managed", "raw"):
        _keyed(data, folder)
    for _ in ("input channels", "result partitions"):
        if data.int32():
            raise CheckpointFormatError("records in flight are stored (an unaligned checkpoint)")


def _partitionable(data: JavaInput, folder: Path) -> Iterator[tuple[str, ListParts]]:
    kind = data.byte()
    if kind == _NULL:
        return
    if kind != _PARTITIONABLE:
        raise CheckpointFormatError(f"operator state of the unknown kind {kind}")
    offsets: dict[str, tuple[int, ...]] = {}
    for _ in range(data.count()):
        name = data.utf()
        data.byte()  # how it is distributed after a restore
        offsets[name] = tuple(data.int64() for _ in range(data.count()))
    stored = _stream(data, folder)
    if stored is None:
        raise CheckpointFormatError("operator state without a file")
    for name, begins in offsets.items():
        yield name, ListParts(stored, begins)


def _keyed(data: JavaInput, folder: Path) -> None:
    kind = data.byte()
    if kind == _NULL:
        return
    if kind in {_KEY_GROUPS, _KEY_GROUPS_V2, _SAVEPOINT_KEY_GROUPS}:
        data.int32()
        data.take(8 * data.count())
        _stream(data, folder)
    elif kind in {_INCREMENTAL, _INCREMENTAL_V2}:
        data.int64()
        data.utf()
        data.take(8 + (8 if kind == _INCREMENTAL_V2 else 0))
        _stream(data, folder)
        for _ in ("shared", "private"):
            for _ in range(data.count()):
                data.utf()
                _stream(data, folder)
    else:
        raise CheckpointFormatError(f"keyed state of the unknown kind {kind}")
    if kind in {_KEY_GROUPS_V2, _INCREMENTAL_V2}:
        data.utf()


def _stream(data: JavaInput, folder: Path) -> Path | bytes | None:
    kind = data.byte()
    if kind == _NULL:
        return None
    if kind == _BYTES:
        data.utf()
        return data.take(data.int32())
    if kind == _FILE:
        data.int64()
        # An address that is not local turns out to be missing when it is read.
        return Path(data.utf().removeprefix("file:"))
    if kind == _RELATIVE_FILE:
        name = data.utf()
        data.int64()
        return folder / name
    raise CheckpointFormatError(f"a state's place of the unknown kind {kind}")
