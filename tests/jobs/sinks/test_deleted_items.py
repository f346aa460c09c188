"""Deleted items as the writers of rows know them, and batches without them."""

import psycopg

from jobs.core.parsing.events import DELETED_ITEM, DeadLetter
from jobs.core.parsing.parse_items import Item, Withdrawal
from jobs.core.progress import Progress
from jobs.sinks.deleted_items import DeletedItems
from jobs.sinks.item_rows import ItemBatch
from jobs.sinks.neighbor_rows import NeighborRow, without_deleted
from jobs.sinks.trend_rows import TrendBatch


def test_each_read_adds_what_was_deleted_since(job_dsn):
    known = DeletedItems()
    with psycopg.connect(job_dsn, autocommit=True) as db:
        known.read(db)
        assert known.ids == []
        db.execute("SELECT interestream.delete_items('{b}')")
        known.read(db)
        db.execute("SELECT interestream.delete_items('{a,b}')")
        known.read(db)
        known.read(db)
    assert known.ids == ["b", "a"]
    assert [item in known for item in ("a", "b", "c")] == [True, True, False]


def test_a_read_in_a_transaction_that_is_rolled_back_stays_true(job_dsn):
    known = DeletedItems()
    with psycopg.connect(job_dsn, autocommit=True) as db:
        db.execute("SELECT interestream.delete_items('{a}')")
        with db.transaction(force_rollback=True):
            known.read(db)
        known.read(db)
    assert known.ids == ["a"]


def test_a_batch_of_items_keeps_the_others_and_counts_the_letters():
    dead = [DeadLetter(b"x", "not_json", item_id=item) for item in ("a", "b", None)]
    batch = ItemBatch(
        *(1, 1, 0),
        [(Item("a", "A"), 1), (Item("b", "B"), 1)],
        Progress(),
        dead,
        [(Withdrawal("a"), 2), (Withdrawal("c"), 2)],
    )
    kept = batch.without({"a"})
    assert [item.item_id for item, _ in kept.items] == ["b"]
    assert [item.item_id for item, _ in kept.withdrawn] == ["c"]
    assert kept.dead == [DeadLetter(b"", DELETED_ITEM), *dead[1:]]


def test_rows_of_neighbours_lose_the_item_and_its_strength():
    rows = [
        NeighborRow("a", ["b"], [1.0], 1.0, 0),
        NeighborRow("b", ["c", "a", "d"], [3.0, 2.0, 1.0], 1.0, 0),
        NeighborRow("c", ["d"], [1.0], 1.0, 0),
    ]
    assert without_deleted(rows, {"a"}) == [
        NeighborRow("b", ["c", "d"], [3.0, 1.0], 1.0, 0),
        rows[2],
    ]


def test_trends_lose_the_rows_and_keep_the_sum():
    row = (1, 1.0, None, None, None)
    batch = TrendBatch(
        space_id=1,
        horizon="day",
        length_s=86_400.0,
        half_life_s=None,
        longer=None,
        start_s=0.0,
        end_s=86_400.0,
        as_of_s=50_000.0,
        interactions=7,
        version=(1, 1),
        rows=dict.fromkeys("abc", row),
    )
    assert list(batch.without(["b", "x"]).rows) == ["a", "c"]
    assert batch.without(["b"]).interactions == 7
    assert batch.without(["x"]) is batch
