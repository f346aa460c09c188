"""The files of the freshness part: old ones go, and the one that is being written stays."""

from bench.freshness.part import _rotate
from jobs.datasets.feed import DirectoryFeed


def test_all_but_the_newest_files_go_and_one_being_written_is_left_alone(tmp_path):
    feed = DirectoryFeed(tmp_path)
    for _ in range(4):
        feed.write_events([b"{}"])
    folder = tmp_path / "events"
    written = sorted(file.name for file in folder.iterdir())
    (folder / ".0000000099.ndjson").write_bytes(b"{")
    _rotate(feed, keep=1)
    assert sorted(file.name for file in folder.iterdir()) == [".0000000099.ndjson", written[-1]]
