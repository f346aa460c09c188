"""A replay: what is fed, in which order, and when it ends. A fake stands for the job."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from jobs.core.progress import Progress
from jobs.datasets.dataset import Dataset, Line
from jobs.datasets.detect import open_dataset
from jobs.datasets.errors import DatasetFileError
from jobs.datasets.feed import DirectoryFeed
from jobs.errors import JobFailedError, ReplayStalledError
from jobs.replay.dead_reasons import dead_letters_now, reasons_since
from jobs.replay.outcome import Outcome, StreamOutcome
from jobs.replay.replay import CHUNK, Replay, paced
from jobs.replay.tolerance import Tolerance, ToleranceError
from tests.builders import NOON_MS, event

SPACE = 1


class FakeJob:
    """Commits at most `step` fed records of each stream per call of `commit`."""

    def __init__(self, dsn: str, root: Path, *, step: int = 10_000) -> None:
        self._db = psycopg.connect(dsn, autocommit=True)
        self._root = root
        self._step = step
        self.stream_order: list[str] = []

    def fed(self, stream: str) -> int:
        files = (self._root / stream).glob("*.ndjson")
        return sum(len(file.read_bytes().splitlines()) for file in files)

    def commit(self) -> None:
        """Commit items, a vector for each committed item, and events."""
        items = self._advance("items", self.fed("items"))
        self._advance("vectors", items)
        self._advance("events", self.fed("events"))

    def _advance(self, stream: str, fed: int) -> int:
        row = self._db.execute(
            "SELECT records_in FROM interestream.job_progress WHERE stream = %s", (stream,)
        ).fetchone()
        done = row[0] if row else 0
        new = min(fed, done + self._step)
        if new > done:
            self.stream_order.append(stream)
        self._db.execute(
            "INSERT INTO interestream.job_progress VALUES (%s, %s, 0, 1, %s, 0, 0, 0, %s, 0)"
            " ON CONFLICT (space_id, stream, bucket) DO UPDATE SET"
            " records_in = excluded.records_in, applied = excluded.applied",
            (SPACE, stream, new, new),
        )
        return new

    def close(self) -> None:
        self._db.close()


@pytest.fixture
def streams(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def job(job_dsn: str, streams: Path) -> Iterator[FakeJob]:
    fake = FakeJob(job_dsn, streams)
    yield fake
    fake.close()


@pytest.fixture
def reader(job_dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(job_dsn, autocommit=True) as db:
        created = db.execute("SELECT interestream.create_space('e', '1', 'f', 2, '{0, 0}', false)")
        assert created.fetchone() == (SPACE,)
        yield db


def dataset(items: int, events: int) -> Dataset:
    def item_lines() -> Iterator[Line]:
        yield from ({"item_id": number, "title": "t"} for number in range(items))

    def event_lines() -> Iterator[Line]:
        yield from (event(number, event_time=NOON_MS + number) for number in range(events))

    return Dataset("tiny", item_lines, event_lines)


def test_a_replay_ends_when_everything_is_committed(job, reader, streams):
    replay = Replay(reader, SPACE, DirectoryFeed(streams), check=job.commit)
    report = replay.run(dataset(3, 7))
    assert (report.items, report.events) == (3, 7)
    assert report.counters == Progress(records_in=7, applied=7)
    assert (job.fed("items"), job.fed("events")) == (3, 7)


def test_events_are_fed_after_the_vectors_of_all_items_are_there(job, reader, streams):
    slow = FakeJob(reader.info.dsn + f" password={reader.info.password}", streams, step=1)
    fed_with: list[int] = []

    def check() -> None:
        slow.commit()
        fed_with.append(slow.fed("events"))

    Replay(reader, SPACE, DirectoryFeed(streams), check=check).run(dataset(4, 2))
    slow.close()
    events_begin = next(index for index, count in enumerate(fed_with) if count)
    assert slow.stream_order[:8] == ["items", "vectors"] * 4
    assert events_begin >= 4


def test_a_second_replay_counts_from_where_the_first_one_ended(job, reader, streams):
    Replay(reader, SPACE, DirectoryFeed(streams), check=job.commit).run(dataset(2, 5))
    report = Replay(reader, SPACE, DirectoryFeed(streams), check=job.commit).run(dataset(1, 4))
    assert (report.items, report.events) == (1, 4)
    assert report.counters.records_in == 9


class StrictJob(FakeJob):
    """Commits at once, with a dead letter for each raw line, in bucket 0 of its stream."""

    def commit(self) -> None:
        for stream in ("items", "events"):
            lines = [
                line
                for file in sorted((self._root / stream).glob("*.ndjson"))
                for line in file.read_bytes().splitlines()
            ]
            dead = [line for line in lines if not line.startswith(b"{")]
            for number, line in enumerate(dead):
                self._db.execute(
                    "INSERT INTO interestream.dead_letters"
                    " (space_id, epoch, stream, bucket, seq, raw, reason)"
                    " VALUES (%s, 1, %s, 0, %s, %s, %s) ON CONFLICT DO NOTHING",
                    (SPACE, stream, number, line, line.decode()),
                )
            self._db.execute(
                "INSERT INTO interestream.job_progress VALUES (%s, %s, 0, 1, %s, 0, %s, 0, 0, 0)"
                " ON CONFLICT (space_id, stream, bucket) DO UPDATE SET"
                " records_in = excluded.records_in, dead_letters = excluded.dead_letters",
                (SPACE, stream, len(lines), len(dead)),
            )


@pytest.fixture
def strict(job_dsn: str, streams: Path) -> Iterator[StrictJob]:
    fake = StrictJob(job_dsn, streams)
    yield fake
    fake.close()


def broken_dataset(*lines: Line) -> Dataset:
    return Dataset("broken", lambda: iter([b"bad_item", {"title": "t"}]), lambda: iter(lines))


def test_the_outcome_counts_what_died_in_this_replay_alone_and_why(strict, reader, streams):
    replay = Replay(reader, SPACE, DirectoryFeed(streams), check=strict.commit)
    replay.run(broken_dataset(b"bad_time", b"bad_time", event(1)))
    report = replay.run(broken_dataset(b"bad_time", b"too_long", b"too_long", event(2)))
    items, events = report.outcome.items, report.outcome.events
    assert (items.fed, items.accepted, items.dead, items.reasons) == (2, 1, 1, {"bad_item": 1})
    assert (events.fed, events.accepted, events.dead) == (4, 1, 3)
    assert list((events.reasons or {}).items()) == [("too_long", 2), ("bad_time", 1)]
    assert report.counters.dead_letters == 5
    sentence = report.sentence("shop")
    assert "1 of 2 items accepted" in sentence
    assert "1 of 4 events" in sentence
    assert "Dead letters: items 1 (bad_item 1), events 3 (too_long 2, bad_time 1)" in sentence
    assert "`interestream dead-letters`" in sentence
    assert report.as_dict("shop")["fed"] == {"items": items.as_dict(), "events": events.as_dict()}


def test_the_report_holds_what_reading_left_out_by_table(job, reader, streams, tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "mapping.toml").write_text(
        '[items]\nfile = "g.csv"\nitem_id = "sku"\ntitle = "name"\nlanguage = "lang"\n'
        '[events]\nfile = "e.csv"\nuser_id = "u"\nitem_id = "i"\ntime = "t"\naction = "a"\n'
        '[events.actions]\nscroll = "_ignore"\n'
    )
    (folder / "g.csv").write_text("sku,name,lang\nk1,Mug,en\nk1,The mug,\nk1,Mug,en\nk1,Mug,\n")
    (folder / "e.csv").write_text(
        "u,i,t,a\nada,k1,1700000000,view\nada,k1,1700000001,scroll\nnan,k1,1700000002,view\n"
    )
    replay = Replay(reader, SPACE, DirectoryFeed(streams), check=job.commit)
    report = replay.run(open_dataset(folder))
    assert (report.items, report.events) == (3, 2)
    assert report.as_dict("shop")["left_out"] == {
        "items": {"repeated": 1, "completed": 1},
        "events": {"ignored": {"scroll": 1}, "like_absent": {"user_id": {"nan": 1}}},
    }


def test_a_role_that_may_not_read_dead_letters_is_told_how_many_there_are(strict, reader, streams):
    reader.execute("SET ROLE interestream_reader")
    before = dead_letters_now(reader, SPACE)
    assert reasons_since(reader, SPACE, before) is None
    reader.execute("RESET ROLE")


def test_a_job_that_began_anew_has_the_letters_of_its_own_life(strict, reader, streams):
    replay = Replay(reader, SPACE, DirectoryFeed(streams), check=strict.commit)
    replay.run(broken_dataset(b"bad_time"))
    before = dead_letters_now(reader, SPACE)
    reader.execute("UPDATE interestream.job_progress SET epoch = 2")
    assert reasons_since(reader, SPACE, before) == {}
    assert reasons_since(reader, SPACE, []) == {}


def test_a_file_that_breaks_off_is_told_with_what_was_fed_before(job, reader, streams):
    def items() -> Iterator[Line]:
        yield from ({"item_id": number, "title": "t"} for number in range(12))
        raise DatasetFileError("cannot read items.csv.gz after row 12: cut")

    feed = DirectoryFeed(streams, max_records=5)
    cut = Dataset("cut", items, lambda: iter(()))
    with pytest.raises(DatasetFileError, match=r"after row 12: cut\. Before that, 10 items and 0"):
        Replay(reader, SPACE, feed, check=job.commit).run(cut)


def outcome(items: tuple[int, int], events: tuple[int, int]) -> Outcome:
    """Of (fed, dead) items and events."""
    return Outcome(*(StreamOutcome(fed=fed, dead=dead) for fed, dead in (items, events)))


@pytest.mark.parametrize(
    ("allowed", "items", "events", "told"),
    [
        ("10%", (10, 1), (100, 10), ""),
        ("10%", (10, 2), (100, 0), "2 of 10 items died"),
        ("10%", (10, 0), (100, 11), "11 of 100 events died"),
        ("100%", (10, 10), (100, 0), "none of 10 items was accepted"),
        ("1000", (10, 0), (100, 100), "none of 100 events was accepted"),
        ("3", (0, 0), (100, 4), "4 of 100 events died"),
        ("0", (10, 0), (0, 0), ""),
        ("10%", (0, 0), (0, 0), "no row was read"),
    ],
)
def test_a_feed_is_no_success_when_nothing_was_accepted_or_too_much_died(
    allowed, items, events, told
):
    failure = Tolerance.of(allowed).failure(outcome(items, events))
    assert told in failure
    assert bool(told) == bool(failure)


@pytest.mark.parametrize("written", ["few", "", "-1", "101%", "1.5", "nan", "10%%"])
def test_a_tolerance_that_is_no_share_and_no_number_is_refused(written):
    with pytest.raises(ToleranceError, match="--max-dead reads"):
        Tolerance.of(written)


def test_progress_is_reported_by_stage_and_ends_at_the_total(job, reader, streams):
    calls: list[tuple[str, int, int | None]] = []
    replay = Replay(
        reader,
        SPACE,
        DirectoryFeed(streams),
        check=job.commit,
        on_progress=lambda *call: calls.append(call),
    )
    replay.run(dataset(2, 3))
    assert list(dict.fromkeys(stage for stage, _, _ in calls)) == ["items", "vectors", "events"]
    last = {stage: (done, total) for stage, done, total in calls}
    assert last == {"items": (2, 2), "vectors": (2, 2), "events": (3, 3)}


def test_a_replay_into_a_job_that_commits_nothing_fails(reader, streams):
    replay = Replay(reader, SPACE, DirectoryFeed(streams), stall_s=0.1)
    with pytest.raises(ReplayStalledError, match="items: 0 of 2 records are committed"):
        replay.run(dataset(2, 1))


def test_the_error_of_a_stalled_replay_holds_the_jobs_last_warning(reader, streams):
    replay = Replay(reader, SPACE, DirectoryFeed(streams), trouble=lambda: "disk full", stall_s=0.1)
    with pytest.raises(ReplayStalledError, match="the job's last warning: disk full"):
        replay.run(dataset(2, 1))


def test_a_replay_into_a_failed_job_raises_the_jobs_error(reader, streams):
    def failed() -> None:
        raise JobFailedError("boom")

    with pytest.raises(JobFailedError, match="boom"):
        Replay(reader, SPACE, DirectoryFeed(streams), check=failed).run(dataset(2, 1))


def test_a_replay_of_an_empty_data_set_ends_at_once(reader, streams):
    report = Replay(reader, SPACE, DirectoryFeed(streams), stall_s=0.1).run(dataset(0, 0))
    assert (report.items, report.events, report.events_per_s >= 0) == (0, 0, True)


def paced_from_zero(
    monkeypatch: pytest.MonkeyPatch, events: list[Any], speed_up: float
) -> list[tuple[float, int]]:
    """(due, events) of each chunk, with the clock standing at 0."""
    monkeypatch.setattr("jobs.replay.replay.time.perf_counter", lambda: 0.0)
    return [(round(due, 6), len(chunk)) for due, chunk in paced(iter(events), speed_up)]


def test_chunks_are_due_when_their_events_happened_divided_by_the_speed(monkeypatch):
    events = [event(n, event_time=NOON_MS + n * 1000) for n in range(4)]
    assert paced_from_zero(monkeypatch, events, 2.0) == [(0, 1), (0.5, 1), (1.0, 1), (1.5, 1)]


def test_events_within_fifty_milliseconds_go_together(monkeypatch):
    events = [event(n, event_time=NOON_MS + n * 20) for n in range(6)]
    assert paced_from_zero(monkeypatch, events, 1.0) == [(0, 3), (0.06, 3)]


def test_an_event_without_a_time_goes_with_the_one_before_it(monkeypatch):
    events = [event(0), b"{", event(1, event_time=NOON_MS + 1000), {"event_time": "soon"}]
    assert paced_from_zero(monkeypatch, events, 1.0) == [(0, 2), (1.0, 2)]


def test_a_late_event_is_due_at_once_and_delays_nothing(monkeypatch):
    events = [event(n, event_time=NOON_MS + at) for n, at in enumerate((0, 1000, -9000, 2000))]
    assert paced_from_zero(monkeypatch, events, 1.0) == [(0, 1), (1.0, 2), (2.0, 1)]


def test_many_events_of_one_instant_are_split_into_full_chunks(monkeypatch):
    events = list(itertools.repeat(event(0), CHUNK + 3))
    assert paced_from_zero(monkeypatch, events, 1.0) == [(0, CHUNK), (0, 3)]


def test_without_events_there_are_no_chunks(monkeypatch):
    assert paced_from_zero(monkeypatch, [], 1.0) == []
