"""Checkpoints that Flink's own classes wrote, read without them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jobs.checkpoints.errors import CheckpointFormatError
from jobs.checkpoints.file_sources import read_file_sources
from jobs.runtime.environment import job_environment

FOLDER = "/streams/events"
PLAIN, PENDING = f"{FOLDER}/2026-x_1.ndjson", f"{FOLDER}/pending.ndjson"
IN_PROGRESS, ODD = f"{FOLDER}/half.ndjson", f"{FOLDER}/naïve Ω 𝄞 100%.ndjson"

WRITER = """
import json, sys
from pathlib import Path
from pyflink.java_gateway import get_gateway

gateway = get_gateway()
java = gateway.jvm
flink = java.org.apache.flink
folder, names = Path(sys.argv[1]), json.loads(sys.argv[2])


def listed(kind, *values):
    made = kind()
    for value in values:
        made.add(value)
    return made


def split(number, name, position):
    hosts = gateway.new_array(java.String, 1)
    hosts[0] = "localhost"
    path = flink.core.fs.Path(java.java.io.File(name).toURI())
    at = flink.connector.file.src.util.CheckpointedPosition(position, 3) if position else None
    return flink.connector.file.src.FileSourceSplit(
        "split-%d" % number, path, 0, 100, 1, 100, hosts, at
    )


def handle(name, content):
    return flink.runtime.state.memory.ByteStreamStateHandle(name, content)


def operator(name, number, coordinator):
    state = flink.runtime.checkpoint.OperatorState(
        name, "uid", flink.runtime.jobgraph.OperatorID(number, number), 2, 128
    )
    if coordinator is not None:
        state.setCoordinatorState(handle("coordinator", coordinator))
    return state


splits = flink.connector.file.src.FileSourceSplitSerializer.INSTANCE
versioned = flink.core.io.SimpleVersionedSerialization
pending = listed(java.java.util.ArrayList, split(1, names["pending"], 0))
found = listed(
    java.java.util.ArrayList,
    *(flink.core.fs.Path(java.java.io.File(name).toURI()) for name in names["found"]),
)
enumerator = flink.connector.file.src.PendingSplitsCheckpoint.fromCollectionSnapshot(pending, found)
serializer = flink.connector.file.src.PendingSplitsCheckpointSerializer(splits)
out = java.java.io.ByteArrayOutputStream()
data = java.java.io.DataOutputStream(out)
content = serializer.serialize(enumerator)
data.writeInt(1)
data.writeInt(serializer.getVersion())
data.writeInt(len(content))
data.write(content)
source = operator("Source: events_files[14]", 1, out.toByteArray())

# Two readers: one has its splits in a file behind other bytes, one has none.
out = java.java.io.ByteArrayOutputStream()
data = java.java.io.DataOutputStream(out)
data.writeInt(99)
offsets = gateway.new_array(java.long, len(names["in_progress"]))
for number, name in enumerate(names["in_progress"]):
    offsets[number] = data.size()
    content = versioned.writeVersionAndSerialize(splits, split(number, name, number))
    data.writeInt(len(content))
    data.write(content)
stored = folder / "readers"
stored.write_bytes(bytes(out.toByteArray()))
mode = flink.runtime.state.OperatorStateHandle.Mode.SPLIT_DISTRIBUTE
info = getattr(flink.runtime.state, "OperatorStateHandle$StateMetaInfo")
for subtask, begins in enumerate((offsets, gateway.new_array(java.long, 0))):
    parts = java.java.util.HashMap()
    parts.put("SourceReaderState", info(begins, mode))
    parts.put("another", info(gateway.new_array(java.long, 1), mode))
    place = flink.runtime.state.filesystem.FileStateHandle(
        flink.core.fs.Path(stored.as_uri()), stored.stat().st_size
    )
    lists = flink.runtime.state.OperatorStreamStateHandle(parts, place)
    made = flink.runtime.checkpoint.OperatorSubtaskState.builder().setManagedOperatorState(lists)
    source.putState(subtask, made.build())

# A step with keyed state of each kind that the two backends write.
step = operator("step", 2, None)
groups = flink.runtime.state.KeyGroupRange.of(0, 127)
bytes_of_state = handle("state", bytes(100))
heap = flink.runtime.state.KeyGroupsStateHandle(
    flink.runtime.state.KeyGroupRangeOffsets(groups), bytes_of_state
)
of = getattr(flink.runtime.state, "IncrementalKeyedStateHandle$HandleAndLocalPath").of
relative = flink.runtime.state.filesystem.RelativeFileStateHandle(
    flink.core.fs.Path(folder.as_uri(), "part"), "part", 7
)
shared = listed(java.java.util.ArrayList, of(relative, "1.sst"), of(bytes_of_state, "2.sst"))
rocks = flink.runtime.state.IncrementalRemoteKeyedStateHandle(
    java.java.util.UUID.randomUUID(), groups, 5, shared, java.java.util.ArrayList(), bytes_of_state
)
for subtask, keyed in enumerate((heap, rocks)):
    made = flink.runtime.checkpoint.OperatorSubtaskState.builder().setManagedKeyedState(keyed)
    step.putState(subtask, made.setRawKeyedState(heap).build())

metadata = flink.runtime.checkpoint.metadata.CheckpointMetadata(
    7,
    listed(java.java.util.ArrayList, step, source),
    java.java.util.ArrayList(),
    flink.runtime.checkpoint.CheckpointProperties.forCheckpoint(
        flink.runtime.checkpoint.CheckpointRetentionPolicy.RETAIN_ON_FAILURE
    ),
)
out = java.java.io.ByteArrayOutputStream()
flink.runtime.checkpoint.Checkpoints.storeCheckpointMetadata(metadata, out)
(folder / "_metadata").write_bytes(bytes(out.toByteArray()))
"""


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of a file source with two readers, and of a step with keyed state."""
    folder = tmp_path_factory.mktemp("chk-7")
    names: dict[str, Any] = {
        "found": [PLAIN, PENDING, IN_PROGRESS, ODD],
        "pending": PENDING,
        "in_progress": [IN_PROGRESS, ODD],
    }
    done = subprocess.run(
        [sys.executable, "-c", WRITER, str(folder), json.dumps(names)],
        env={**os.environ, **job_environment(folder / "log")},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def test_a_file_is_read_when_it_was_found_and_neither_waits_nor_is_in_progress(
    checkpoint: Path,
) -> None:
    (source,) = read_file_sources(checkpoint)
    assert source.name == "Source: events_files[14]"
    assert source.found == {f"file:{name}" for name in (PLAIN, PENDING, IN_PROGRESS, ODD)}
    assert source.unread == {f"file:{name}" for name in (PENDING, IN_PROGRESS, ODD)}
    assert source.has_read(f"file:{PLAIN}")
    assert not source.has_read(f"file:{FOLDER}/never-seen.ndjson")


def test_a_file_that_is_cut_anywhere_says_nothing(checkpoint: Path, tmp_path: Path) -> None:
    whole = (checkpoint / "_metadata").read_bytes()
    end = whole.index(b"\xac\xed\x00\x05") + 4
    for length in range(0, end, 3):
        (tmp_path / "_metadata").write_bytes(whole[:length])
        with pytest.raises(CheckpointFormatError):
            read_file_sources(tmp_path)


def test_a_changed_number_never_makes_an_unread_file_read(checkpoint: Path, tmp_path: Path) -> None:
    whole = (checkpoint / "_metadata").read_bytes()
    unread = {f"file:{name}" for name in (PENDING, IN_PROGRESS, ODD)}
    for position in range(0, whole.index(b"\xac\xed\x00\x05")):
        for flip in (0x01, 0x80):
            changed = bytearray(whole)
            changed[position] ^= flip
            (tmp_path / "_metadata").write_bytes(changed)
            try:
                sources = read_file_sources(tmp_path)
            except (CheckpointFormatError, OSError):
                continue
            events = [source for source in sources if "events_files" in source.name]
            assert not any(source.has_read(path) for source in events for path in unread), position


def test_readers_whose_file_is_compressed_or_changed_say_nothing(
    checkpoint: Path, tmp_path: Path
) -> None:
    whole = (checkpoint / "readers").read_bytes()
    try:
        for length in range(4, len(whole)):
            (checkpoint / "readers").write_bytes(whole[:length])
            with pytest.raises(CheckpointFormatError):
                read_file_sources(checkpoint)
        (checkpoint / "readers").unlink()
        with pytest.raises(FileNotFoundError):
            read_file_sources(checkpoint)
    finally:
        (checkpoint / "readers").write_bytes(whole)


@pytest.mark.parametrize("version", [4, 5, 7])
def test_another_version_is_refused_by_name(checkpoint: Path, tmp_path: Path, version: int) -> None:
    whole = bytearray((checkpoint / "_metadata").read_bytes())
    whole[7] = version
    (tmp_path / "_metadata").write_bytes(whole)
    with pytest.raises(CheckpointFormatError, match=f"version {version}; known is version 6"):
        read_file_sources(tmp_path)
