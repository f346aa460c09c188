"""Several buckets write items of one group: one item stands for it, in any order of the writes."""

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import psycopg
import pytest

from jobs.core.parsing.parse_items import Item, Withdrawal
from jobs.core.progress import Progress
from jobs.sinks.item_rows import ItemBatch, write_item_batch
from tests.sql.logins import login


@pytest.fixture
def writer_dsn(job_dsn: str) -> Iterator[str]:
    """The job's role only."""
    with login(job_dsn, "interestream_writer") as dsn:
        yield dsn


@pytest.fixture
def db(writer_dsn: str) -> Any:
    with psycopg.connect(writer_dsn, autocommit=True) as connection:
        yield connection


def batch(*items: Item, version: int = 1, space: int = 1, bucket: int = 0) -> ItemBatch:
    return ItemBatch(space, space, bucket, [(item, version) for item in items], Progress(), [])


def write(db: psycopg.Connection, *items: Item, version: int = 1, space: int = 1) -> None:
    with db.transaction():
        write_item_batch(db, batch(*items, version=version, space=space))


def representatives(db: psycopg.Connection) -> dict[str, str | None]:
    rows = db.execute("SELECT item_id, representative FROM interestream.items").fetchall()
    return dict(rows)


def test_items_of_one_title_and_text_find_each_other_in_any_batch(db):
    write(db, Item("b", "Alien", "Horror"), Item("c", "Alien"))
    assert representatives(db) == {"b": None, "c": None}
    write(db, Item("d", "Alien", "Horror"))
    assert representatives(db) == {"b": "b", "c": None, "d": "b"}
    write(db, Item("a", "Alien", "Horror"), Item("e", "Alien"))
    assert representatives(db) == {"a": "a", "b": "a", "c": "c", "d": "a", "e": "c"}


def test_a_group_id_is_stored_and_decides(db):
    write(db, Item("a", "Red", group_id="shirt"), Item("b", "Blue", group_id="shirt"))
    write(db, Item("c", "Red"))
    assert representatives(db) == {"a": "a", "b": "a", "c": None}
    write(db, Item("a", "Red"), version=2)
    assert representatives(db) == {"a": "a", "b": None, "c": "a"}
    found = db.execute("SELECT item_id, group_id FROM interestream.items ORDER BY 1").fetchall()
    assert found == [("a", None), ("b", "shirt"), ("c", None)]


def test_an_item_that_changes_its_text_leaves_its_group(db):
    write(db, *(Item(item, "Alien") for item in "abc"))
    write(db, Item("a", "Aliens"), version=2)
    assert representatives(db) == {"a": None, "b": "b", "c": "b"}
    write(db, Item("b", "Aliens"), version=2)
    assert representatives(db) == {"a": "a", "b": "a", "c": None}


def test_a_representative_that_is_withdrawn_gives_way_until_it_is_back(db):
    write(db, *(Item(item, "Alien") for item in "abc"))
    write(db, Item("a", "Alien", available=False), version=2)
    assert representatives(db) == dict.fromkeys("abc", "b")
    write(db, Item("b", "Alien", available=False), version=2)
    assert representatives(db) == dict.fromkeys("abc", "c")
    write(db, Item("a", "Alien"), version=3)
    assert representatives(db) == dict.fromkeys("abc", "a")


def test_a_withdrawal_settles_the_group_as_it_is_stored(db):
    write(db, Item("a", "Red", group_id="shirt"), Item("b", "Blue", group_id="shirt"))
    write(db, Item("c", "Alien"), Item("d", "Alien"))
    gone = [(Withdrawal("a"), 2), (Withdrawal("c"), 2), (Withdrawal("nowhere"), 2)]
    with db.transaction():
        write_item_batch(db, replace(batch(), withdrawn=gone))
    assert representatives(db) == {"a": "b", "b": "b", "c": "d", "d": "d"}
    found = db.execute("SELECT item_id, title FROM interestream.items WHERE NOT available")
    assert sorted(found.fetchall()) == [("a", "Red"), ("c", "Alien")]


def test_a_write_that_is_refused_changes_no_group(db):
    write(db, Item("a", "Alien"), Item("b", "Alien"), version=5)
    write(db, Item("a", "Older title"), version=4)
    assert representatives(db) == {"a": "a", "b": "a"}


def test_a_batch_of_more_groups_than_the_lock_table_has_room_for_is_written(db):
    write(db, *(Item(f"i{n}", f"Title {n // 2}") for n in range(30_000)))
    assert representatives(db) == {f"i{n}": min(f"i{n}", f"i{n ^ 1}") for n in range(30_000)}


def test_a_second_writer_of_a_group_waits_for_the_first_and_sees_it(writer_dsn, db):
    second_is_done = threading.Event()

    def second() -> None:
        with psycopg.connect(writer_dsn, autocommit=True) as other:
            write(other, Item("a", "Alien"))
        second_is_done.set()

    with db.transaction():
        write_item_batch(db, batch(Item("b", "Alien")))
        thread = threading.Thread(target=second)
        thread.start()
        assert not second_is_done.wait(0.5)
    thread.join()
    assert representatives(db) == {"a": "a", "b": "a"}


def wanted(items: dict[str, Item]) -> dict[str, str | None]:
    groups = defaultdict(list)
    for item in items.values():
        groups[item.group_id or (item.title, item.body)].append(item)
    found: dict[str, str | None] = {}
    for members in groups.values():
        first = min(members, key=lambda item: (not item.available, item.item_id)).item_id
        found |= {item.item_id: first if len(members) > 1 else None for item in members}
    return found


@pytest.mark.parametrize("jobs", [1, 2])
def test_many_writers_at_once_leave_one_representative_for_each_group(writer_dsn, db, jobs):
    """Three tasks of a job, each with items of its own, move them between few groups, and so may
    the job of another space with the same items."""
    written: dict[str, Item] = {}
    failures: list[BaseException] = []

    def updates(seed: int, ids: Sequence[str]) -> Iterator[list[Item]]:
        rng = np.random.default_rng(seed)
        for _ in range(40):
            yield [
                Item(
                    item,
                    f"Title {rng.integers(4)}",
                    group_id=f"g{rng.integers(3)}" if rng.random() < 0.3 else None,
                    available=bool(rng.random() < 0.7),
                )
                for item in rng.permutation(ids)[: rng.integers(1, 6)].tolist()
            ]

    def work(seed: int, ids: Sequence[str], space: int) -> None:
        try:
            with psycopg.connect(writer_dsn, autocommit=True) as own:
                for version, items in enumerate(updates(seed, ids), start=1):
                    while True:
                        try:
                            write(own, *items, version=version, space=space)
                            break
                        except psycopg.errors.DeadlockDetected:
                            # Two jobs that move one item may meet: RetryingConnection tries again.
                            if jobs == 1:
                                raise
        except BaseException as error:
            failures.append(error)

    ids = [f"i{number:02}" for number in range(24)]
    work_of = [(seed, ids[seed::3], 1) for seed in range(3)]
    if jobs == 2:
        work_of.append((9, ids, 2))
    threads = [threading.Thread(target=work, args=arguments) for arguments in work_of]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    for item_id, group_id, title, available in db.execute(
        "SELECT item_id, group_id, title, available FROM interestream.items"
    ):
        written[item_id] = Item(item_id, title, group_id=group_id, available=available)
    assert len(written) == 24
    assert representatives(db) == wanted(written)
