"""The feeder of the freshness part: delays of portions, a feed that fails, and old files."""

import time
from pathlib import Path

import pytest

from bench.freshness.pacing import pace, rotate
from bench.harness.our_job import RunningJob
from jobs.datasets.feed import DirectoryFeed
from jobs.errors import ReplayStalledError

LAG_S = 0.2


class LateJob:
    """A feed, and a database in which what it was given is committed `LAG_S` later."""

    def __init__(self) -> None:
        self.given: list[tuple[float, int]] = []

    def write_events(self, records):
        self.given.append((time.perf_counter(), len(list(records))))
        return self.given[-1][1]

    def execute(self, query):
        return self

    def fetchone(self):
        now_s = time.perf_counter()
        return (sum(count for at_s, count in self.given if at_s + LAG_S <= now_s),)

    def running(self) -> RunningJob:
        return RunningJob(self, None, 1, None, self, None)  # type: ignore[arg-type]


def test_each_portion_has_the_delay_from_before_it_was_written_to_its_commit():
    job, tidied = LateJob(), list[int]()
    lines = iter([b"{}"] * 1_000)
    paced, fed = pace("", 100, 0.75, job.running(), lines, 0, lambda: tidied.append(1))
    assert (paced.portions, fed) == (14, 70), "5 events every 53 ms"
    assert [count for _, count in job.given] == [5] * 14
    assert len(paced.delays_ms) == 14
    assert min(paced.delays_ms) >= 1000 * LAG_S
    assert paced.delay_ms[50] >= 1000 * LAG_S
    assert paced.as_json()["delay_ms"].keys() == {"p50", "p95", "p99"}
    assert tidied


def test_the_error_of_a_feed_ends_the_measurement():
    class Failing(LateJob):
        def write_events(self, records):
            raise ReplayStalledError("no broker")

    with pytest.raises(ReplayStalledError, match="no broker"):
        pace("", 100, 0.1, Failing().running(), iter([b"{}"] * 100), 0, lambda: None)


def test_all_but_the_newest_files_go_and_one_being_written_is_left_alone(tmp_path: Path) -> None:
    feed = DirectoryFeed(tmp_path)
    for _ in range(4):
        feed.write_events([b"{}"])
    folder = tmp_path / "events"
    written = sorted(file.name for file in folder.iterdir())
    (folder / ".0000000099.ndjson").write_bytes(b"{")
    rotate(folder, keep=1)
    assert sorted(file.name for file in folder.iterdir()) == [".0000000099.ndjson", written[-1]]
