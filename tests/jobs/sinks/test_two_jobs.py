"""Rows that two jobs write at once, each filling its space from the same records."""

from typing import Any

import psycopg
import pytest

from jobs.core.interest.user_batch import UserBatch
from jobs.core.parsing.events import DeadLetter
from jobs.core.parsing.parse_items import Item, Withdrawal
from jobs.core.progress import Progress
from jobs.sinks.item_rows import ItemBatch, write_item_batch
from jobs.sinks.trend_rows import TrendBatch, drop_trends, write_trends
from jobs.sinks.user_rows import write_user_batch
from tests.sql.builders import add_space

# The job of the new space started later, so its epoch is larger.
OLD_EPOCH, NEW_EPOCH = 100, 200
MORNING_MS, EVENING_MS = 1_750_000_000_000, 1_750_040_000_000


class Job:
    """Writes rows as the job of a space does; `version` counts an item's updates."""

    def __init__(self, db: psycopg.Connection, space_id: int, epoch: int) -> None:
        self.db, self.space_id, self.epoch = db, space_id, epoch

    def update(self, title: str, version: int, updated_ms: int | None = None) -> None:
        item = Item("i", title, updated_ms=updated_ms)
        batch = ItemBatch(self.space_id, self.epoch, 0, [(item, version)], Progress(), [])
        with self.db.transaction():
            write_item_batch(self.db, batch)

    def withdraw(self, version: int, updated_ms: int | None = None) -> None:
        gone = [(Withdrawal("i", updated_ms), version)]
        batch = ItemBatch(self.space_id, self.epoch, 0, [], Progress(), [], gone)
        with self.db.transaction():
            write_item_batch(self.db, batch)

    def reject(self, *raw: bytes) -> None:
        dead = [DeadLetter(line, "not_json") for line in raw]
        progress = {"events": Progress(records_in=len(raw), dead_letters=len(raw))}
        batch = UserBatch(self.space_id, self.epoch, 0, progress=progress, dead={"events": dead})
        with self.db.transaction():
            write_user_batch(self.db, batch)

    def trend(self, version: int, *items: str) -> bool:
        batch = TrendBatch(
            self.space_id,
            "day",
            length_s=86_400.0,
            half_life_s=None,
            longer=None,
            start_s=0.0,
            end_s=86_400.0,
            as_of_s=50_000.0,
            interactions=version,
            version=(self.epoch, version),
            rows=dict.fromkeys(items, (1, 1.0, None, None, None)),
        )
        with self.db.transaction():
            return "day" in write_trends(self.db, [batch], {})


@pytest.fixture
def db(job_dsn: str) -> Any:
    with psycopg.connect(job_dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture
def old(db: psycopg.Connection) -> Job:
    return Job(db, add_space(db), OLD_EPOCH)


@pytest.fixture
def new(db: psycopg.Connection, old: Job) -> Job:
    return Job(db, add_space(db, dim=4, sha256="bb"), NEW_EPOCH)


def title(db: psycopg.Connection) -> str:
    row = db.execute("SELECT title FROM interestream.items WHERE item_id = 'i'").fetchone()
    assert row is not None
    return str(row[0])


def activate(db: psycopg.Connection, job: Job) -> None:
    db.execute("SELECT interestream.activate_space(%s)", [job.space_id])


def test_a_job_that_catches_up_does_not_restore_an_older_update(db, old, new):
    for version, text in enumerate(("first", "second", "third"), start=1):
        old.update(text, version)
    for version, text in enumerate(("first", "second", "third"), start=1):
        new.update(text, version)
        assert title(db) == "third"


def test_the_job_of_a_space_that_is_active_again_writes_new_updates(db, old, new):
    old.update("first", 1)
    new.update("first", 1)
    activate(db, new)
    new.update("second", 2)
    assert title(db) == "second"
    activate(db, old)
    old.update("second", 2)
    old.update("third", 3)
    assert title(db) == "third"


def test_an_update_that_only_the_new_job_has_read_is_kept_at_the_switch(db, old, new):
    old.update("first", 1)
    new.update("first", 1)
    new.update("second", 2)
    activate(db, new)
    assert title(db) == "second"


def test_the_time_of_an_update_decides_before_its_version(db, old, new):
    # The new job read the updates in another order, so it has counted one only.
    old.update("morning", 1, MORNING_MS)
    old.update("evening", 2, EVENING_MS)
    new.update("evening", 1, EVENING_MS)
    assert title(db) == "evening"
    new.update("of the next day", 2, EVENING_MS + 86_400_000)
    old.update("evening", 3, EVENING_MS)
    assert title(db) == "evening"  # The active space's job always wins ...
    old.update("of the next day", 4, EVENING_MS + 86_400_000)
    assert title(db) == "of the next day"  # ... and ends with the same title.


def test_the_active_job_wins_with_fewer_updates(db, old, new):
    old.update("ninth", 9)
    new.update("ninth", 1)
    new.update("tenth", 2)
    assert title(db) == "ninth"
    activate(db, new)
    new.update("tenth", 2)
    assert title(db) == "tenth"


def test_an_older_update_of_the_same_job_changes_nothing(db, old, new):
    new.update("first", 1)
    new.update("second", 2)
    new.update("first", 1)
    assert title(db) == "second"


def available(db: psycopg.Connection) -> bool:
    row = db.execute("SELECT available FROM interestream.items WHERE item_id = 'i'").fetchone()
    assert row is not None
    return bool(row[0])


def test_a_withdrawal_is_older_or_newer_than_the_row_of_the_other_job_as_an_update_is(db, old, new):
    old.update("first", 1)
    old.update("second", 2)
    new.update("first", 1)
    new.withdraw(2)
    assert available(db)  # The new job has read no more updates than the old one.
    new.withdraw(3)
    assert (title(db), available(db)) == ("second", False)
    old.update("second", 2)  # The active space's job wins ...
    assert available(db)
    old.withdraw(3)  # ... and reads the withdrawal as well.
    assert not available(db)
    new.withdraw(2, EVENING_MS)
    old.update("third", 4)
    assert (title(db), available(db)) == ("third", True)


def test_active_dead_letters_show_a_broken_line_once(db, old, new):
    for job in (old, new):
        job.reject(b"{", b"[")
    query = "SELECT raw FROM interestream.active_dead_letters ORDER BY raw"
    assert db.execute(query).fetchall() == [(b"[",), (b"{",)]
    activate(db, new)
    assert db.execute(query).fetchall() == [(b"[",), (b"{",)]


def test_jobs_of_two_spaces_keep_their_own_trends(db, old, new):
    assert old.trend(7, "a", "b")
    assert new.trend(2, "a")
    assert old.trend(8, "b", "c")
    drop_trends(db, new.space_id, NEW_EPOCH, keep=["day"])
    rows = db.execute(
        "SELECT space_id, item_id FROM interestream.trends ORDER BY space_id, item_id"
    ).fetchall()
    assert rows == [(1, "b"), (1, "c"), (new.space_id, "a")]


def test_forgetting_deletes_the_rows_of_both_spaces(db, old, new):
    for job in (old, new):
        batch = UserBatch(
            job.space_id,
            job.epoch,
            0,
            progress={"events": Progress(records_in=1, dead_letters=1)},
            dead={"events": [DeadLetter(b"{", "bad_time", user_id="ada")]},
        )
        with db.transaction():
            write_user_batch(db, batch)
    with db.transaction():
        write_user_batch(db, UserBatch(old.space_id, OLD_EPOCH, 0, forgotten=["ada"]))
    assert db.execute("SELECT count(*) FROM interestream.dead_letters").fetchone() == (0,)
