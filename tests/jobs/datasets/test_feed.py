"""Files that a running job may look at at any moment."""

from pathlib import Path

import orjson
import pytest

from jobs.datasets.broken_row import BrokenRow
from jobs.datasets.dataset import Line
from jobs.datasets.feed import DirectoryFeed


def _lines(folder: Path) -> list[bytes]:
    return [line for file in sorted(folder.iterdir()) for line in file.read_bytes().splitlines()]


def test_records_and_raw_lines_arrive_in_order_in_files_of_bounded_size(tmp_path: Path) -> None:
    feed = DirectoryFeed(tmp_path, max_records=3)
    records: list[Line] = [{"event_id": n} for n in range(7)]
    records[4] = b'{"broken\xff'
    assert feed.write_events(iter(records)) == 7
    files = sorted((tmp_path / "events").iterdir())
    assert [len(file.read_bytes().splitlines()) for file in files] == [3, 3, 1]
    assert _lines(tmp_path / "events") == [
        line if isinstance(line, bytes) else orjson.dumps(line) for line in records
    ]


def test_a_new_feed_goes_on_after_the_files_that_are_there(tmp_path: Path) -> None:
    DirectoryFeed(tmp_path).write_items([{"item_id": "1"}])
    DirectoryFeed(tmp_path).write_items([{"item_id": "2"}])
    assert _lines(tmp_path / "items") == [b'{"item_id":"1"}', b'{"item_id":"2"}']


def test_every_stream_has_its_folder_from_the_start_and_nothing_to_write_writes_nothing(
    tmp_path: Path,
) -> None:
    feed = DirectoryFeed(tmp_path / "new")
    assert feed.write_control([]) == 0
    assert {entry.name for entry in (tmp_path / "new").iterdir()} == {"items", "events", "control"}
    assert not list((tmp_path / "new" / "control").iterdir())


def test_a_raw_line_with_a_line_feed_is_refused_before_anything_is_visible(tmp_path: Path) -> None:
    feed = DirectoryFeed(tmp_path)
    with pytest.raises(ValueError, match="line feed"):
        feed.write_events([b"one\ntwo"])
    assert not list((tmp_path / "events").iterdir())


def test_a_broken_row_becomes_a_line_that_tells_where_it_stands_and_why(tmp_path: Path) -> None:
    row = BrokenRow.of(b"ada,view", "too few cells", "events.csv, line 5")
    assert DirectoryFeed(tmp_path).write_events([row]) == 1
    assert _lines(tmp_path / "events") == [
        b"\x1eundecoded unreadable_row events.csv%2C+line+5%3A+too+few+cells -\x1eada,view"
    ]


def test_records_of_the_contract_go_into_streams_of_another_shape_in_a_wrapping(
    tmp_path: Path,
) -> None:
    feed = DirectoryFeed(tmp_path, foreign=["events"])
    feed.write_events([{"event_id": 1}])
    feed.write_items([{"item_id": 1}])
    assert _lines(tmp_path / "events") == [b'{"interestream":{"event_id":1}}']
    assert _lines(tmp_path / "items") == [b'{"item_id":1}']
