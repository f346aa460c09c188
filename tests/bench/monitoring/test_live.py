"""Lines of a simulation as if they happened now."""

import time

import orjson

from bench.monitoring.live import feed_live
from jobs.datasets.feed import DirectoryFeed
from tests.builders import event_line


def test_it_writes_until_it_is_told_to_stop_with_the_time_of_now(tmp_path):
    feed = DirectoryFeed(tmp_path)
    began_ms = time.time_ns() // 1_000_000
    lines = [event_line(str(number), event_time=5) for number in range(100)]
    enough = feed_live(feed, [*lines, b"{"], per_s=300, until=lambda: feed.written["events"] > 20)
    assert 20 < enough == feed.written["events"] < 101
    found = [
        orjson.loads(line)
        for file in sorted((tmp_path / "events").iterdir())
        for line in file.read_bytes().splitlines()
    ]
    assert [event["event_id"] for event in found] == [str(number) for number in range(enough)]
    assert all(event["event_time"] >= began_ms for event in found)


def test_it_ends_with_its_lines(tmp_path):
    feed = DirectoryFeed(tmp_path)
    assert feed_live(feed, [b"{", b'{"event_time": null}'], 1_000, until=lambda: False) == 2
