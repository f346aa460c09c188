"""The ages of the files of the streams."""

import os
import time
from pathlib import Path

import pytest

from jobs.datasets.feed import DirectoryFeed
from jobs.health.read_files import read_file_ages_s, read_folder_faults
from jobs.runtime.stream_folders import FolderFault


def aged(path: Path, seconds: float, content: bytes = b"{}\n") -> None:
    path.write_bytes(content)
    os.utime(path, (time.time() - seconds, time.time() - seconds))


def test_ages_are_those_of_files_that_the_job_sees(tmp_path):
    feed = DirectoryFeed(tmp_path)
    feed.write_items([{"item_id": "tea"}])
    aged(tmp_path / "events" / "1.ndjson", 100)
    aged(tmp_path / "events" / ".2.ndjson", 50)
    aged(tmp_path / "events" / "_3.ndjson", 50)
    aged(tmp_path / "events" / "empty.ndjson", 50, b"")
    (tmp_path / "events" / "folder").mkdir()
    ages = read_file_ages_s(tmp_path)
    assert ages is not None
    assert ages["events"] == pytest.approx([100], abs=5)
    assert ages["items"] == pytest.approx([0], abs=5)
    assert ages["control"] == ()


def test_a_folder_without_streams_is_another_one(tmp_path):
    assert read_file_ages_s(tmp_path) is None
    assert read_file_ages_s(tmp_path / "nowhere") is None
    (tmp_path / "items").mkdir()
    assert read_file_ages_s(tmp_path) == {"events": (), "items": (), "control": ()}


def test_folders_that_are_gone_or_closed_are_named(tmp_path):
    DirectoryFeed(tmp_path)
    assert read_folder_faults(tmp_path) == {}
    (tmp_path / "events").rename(tmp_path / "aside")
    (tmp_path / "items").chmod(0)
    faults = read_folder_faults(tmp_path)
    (tmp_path / "items").chmod(0o755)
    closed = FolderFault.CLOSED if os.geteuid() == 0 else FolderFault.NOT_FOR_US
    assert faults == {"events": FolderFault.GONE, "items": closed}
