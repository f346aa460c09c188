"""Lines in files of a stream's folder, on the disk when the answer comes."""

import asyncio
import os
from pathlib import Path

import pytest

from jobs.decoding.given_lines import given_line
from jobs.serve.append.errors import AppendError
from jobs.serve.append.to_folder import FolderAppender


def lines_of(folder: Path) -> list[bytes]:
    """The lines that a job would read, file by file in the order of their names."""
    files = sorted(file for file in folder.iterdir() if not file.name.startswith("."))
    return [line for file in files for line in file.read_bytes().splitlines()]


def test_many_at_once_share_files_and_keep_their_order(tmp_path):
    async def append_all() -> None:
        appender = FolderAppender("events", tmp_path)

        async def one_user(user: int) -> None:
            for number in range(5):
                await appender.append([b"%d %d" % (user, number)])
                assert b"%d %d" % (user, number) in lines_of(tmp_path)

        await asyncio.gather(*map(one_user, range(20)))

    asyncio.run(append_all())
    found = lines_of(tmp_path)
    assert len(found) == 100
    for user in range(20):
        own = [line for line in found if line.startswith(b"%d " % user)]
        assert own == [b"%d %d" % (user, number) for number in range(5)]
    assert len(list(tmp_path.iterdir())) < 50


def test_a_file_and_the_name_of_it_are_synced_before_the_answer(tmp_path, monkeypatch):
    synced: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    asyncio.run(FolderAppender("events", tmp_path).append([b"a", b"b"]))
    (published,) = tmp_path.iterdir()
    assert synced == [str(tmp_path / f".{published.name}"), str(tmp_path)]


def test_records_of_the_contract_are_wrapped_where_the_stream_has_another_shape(tmp_path):
    asyncio.run(FolderAppender("events", tmp_path, given_line).append([b"{}"]))
    assert lines_of(tmp_path) == [b'{"interestream":{}}']


def test_a_folder_that_is_missing_or_closed_is_told_and_a_later_one_is_written(tmp_path):
    folder = tmp_path / "events"

    async def append() -> None:
        appender = FolderAppender("events", folder)
        with pytest.raises(AppendError, match="there is no folder of events") as caught:
            await appender.append([b"a"])
        assert str(tmp_path) not in str(caught.value)
        folder.write_text("")
        with pytest.raises(AppendError, match="cannot be written to"):
            await appender.append([b"a"])
        folder.unlink()
        folder.mkdir()
        await appender.append([b"b"])

    asyncio.run(append())
    assert lines_of(folder) == [b"b"]
