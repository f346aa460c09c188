"""Faults of the input: lines of many megabytes, and files that are taken away unread."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from jobs.datasets.feed import DirectoryFeed
from jobs.datasets.stream_files import StreamFiles
from jobs.local.stack import job_arguments
from jobs.runtime.failure_hints import explained
from jobs.runtime.local_cluster import LocalCluster
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import build_space
from tests.builders import command_line, event_line, item_line

KEPT = 262_144
SMALL = {
    "taskmanager.memory.managed.size": "64m",
    "taskmanager.memory.process.size": "1500m",
    # The machine may be busy, and nothing is killed here.
    "heartbeat.timeout": "60000",
}


def until(condition: Callable[[], bool], what: str, timeout_s: float = 180.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def long_line(beginning: bytes, length: int) -> bytes:
    return beginning + b"x" * (length - len(beginning) - 2) + b'"}'


@pytest.fixture
def db(dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


@pytest.mark.cluster
@pytest.mark.long
@pytest.mark.timeout(900)  # on a machine with much else to do
def test_lines_of_many_megabytes_become_dead_letters_and_the_job_goes_on(
    dsn: str, db: psycopg.Connection, bundle_dir: Path, tmp_path: Path
) -> None:
    space_id = build_space(dsn, bundle_dir, ["A book about tea", "A book about chess"], sample=2)
    # White space and other characters in a path must come through.
    work = tmp_path / "a földer"
    feed = DirectoryFeed(work / "streams")
    event = b'{"event_id":"e","user_id":"%b","action":"view","item_id":"tea","session_id":"'
    lines = {
        ("events", "bob", 300_000): long_line(event % b"bob", 300_000),
        ("events", "ada", 1_000_000): long_line(event % b"ada", 1_000_000),
        ("events", "bob", 8_000_000): long_line(event % b"bob", 8_000_000),
        ("events", "ada", 50_000_000): long_line(event % b"ada", 50_000_000),
        ("items", None, 8_000_000): long_line(b'{"item_id":"big","title":"', 8_000_000),
        ("control", "bob", 8_000_000): long_line(b'{"user_id":"bob","command":"', 8_000_000),
    }
    files = {}
    for key, line in lines.items():
        stream, *_ = key
        before = {
            "events": event_line(f"before {key}", item_id="tea", user_id="cleo"),
            "items": item_line("tea", title="A book about tea"),
            "control": command_line("nobody", "opt_in"),
        }[stream]
        folder = StreamFiles(work / "streams" / stream)
        files[key] = folder.publish(before + b"\n" + line + b"\n" + before + b"\n")
    with LocalCluster(tmp_path / "cluster", dsn, options=SMALL) as cluster:
        job_id = cluster.submit(job_arguments(bundle_dir, work))
        cluster.wait_running(job_id)
        for stream in ("events", "items", "control"):
            count = 3 * sum(key[0] == stream for key in lines)
            until(
                lambda stream=stream, count=count: (  # type: ignore[misc]
                    read_progress(db, space_id)[stream].records_in == count
                ),
                f"{count} lines of {stream}: {cluster.rest.status(job_id)}",
            )
        letters = db.execute(
            "SELECT stream, user_id, raw, reason, detail, bucket FROM interestream.dead_letters"
        ).fetchall()
        found = {(row[0], row[1], int(row[4].split()[0])): row[2:] for row in letters}
        assert found.keys() == lines.keys()
        for key, (raw, reason, detail, _) in found.items():
            assert (raw, reason) == (lines[key][:KEPT], "too_large")
            assert detail == (
                f"{key[2]} bytes, at most 65536; the first {KEPT} are kept, the rest is in"
                f" {files[key]}"
            )
        # The user's own bucket has the line, so nothing of a later one is kept after `forget`.
        feed.write_control([command_line("ada", "forget")])
        until(lambda: read_progress(db, space_id)["control"].applied == 3, "the command")
        again = lines["events", "ada", 1_000_000]
        StreamFiles(work / "streams" / "events").publish(again + b"\n")
        until(lambda: read_progress(db, space_id)["events"].records_in == 13, "a line of ada")
        until(lambda: read_progress(db, space_id)["events"].applied == 4, "the items' vectors")
        status = cluster.rest.status(job_id)
        kept = "SELECT count(*) FROM interestream.dead_letters WHERE user_id = 'ada'"
        assert db.execute(kept).fetchone() == (0,)
    assert status is not None
    assert (status.restarts, status.cause) == (0, None)
    assert read_progress(db, space_id)["events"].applied == 4


@pytest.mark.cluster
@pytest.mark.long
@pytest.mark.timeout(900)  # on a machine with much else to do
def test_a_file_that_was_taken_away_is_named_and_an_empty_one_in_its_place_lets_the_job_go_on(
    dsn: str, db: psycopg.Connection, bundle_dir: Path, tmp_path: Path
) -> None:
    space_id = build_space(dsn, bundle_dir, ["A book about tea", "A book about chess"], sample=2)
    events = StreamFiles(tmp_path / "streams" / "events")
    events.folder.mkdir(parents=True)
    settings = ["checkpoints.interval_ms=500"]
    with LocalCluster(tmp_path / "cluster", dsn, options=SMALL) as cluster:
        job_id = cluster.submit(job_arguments(bundle_dir, tmp_path, settings))
        cluster.wait_running(job_id)

        def checkpoints() -> int:
            return int(cluster.rest.checkpoints(job_id)["counts"]["completed"])

        until(lambda: checkpoints() > 0, "a checkpoint")
        # So many lines that some files stand in a checkpoint long before it is their turn.
        files = [
            events.publish(b"\n".join(event_line(f"{n}-{i}") for i in range(20_000)) + b"\n")
            for n in range(12)
        ]
        before = checkpoints()
        until(lambda: checkpoints() >= before + 2, "a checkpoint that has found the files")
        for file in files:
            file.unlink()

        def cause() -> str:
            status = cluster.rest.status(job_id)
            return "" if status is None or status.cause is None else status.cause

        until(lambda: "does not exist" in cause(), "the job names the file")
        assert any(file.name in cause() for file in files)
        assert "an empty file of that name in its place" in explained(cause())
        for file in files:
            file.touch()
        events.publish(event_line("last", user_id="cleo", action="levitate") + b"\n")
        kept = "SELECT count(*) FROM interestream.dead_letters WHERE user_id = 'cleo'"
        until(lambda: db.execute(kept).fetchone() == (1,), "the job goes on")
    assert read_progress(db, space_id)["events"].records_in <= 12 * 20_000 + 1
