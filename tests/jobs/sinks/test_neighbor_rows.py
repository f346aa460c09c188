"""Rows of item_neighbors: an upsert that an older epoch or version cannot undo."""

from typing import Any

import psycopg
import pytest

from jobs.sinks.connection import RetryingConnection
from jobs.sinks.neighbor_rows import (
    ROWS_AT_ONCE,
    NeighborBatch,
    NeighborRow,
    drop_neighbors,
    write_neighbors,
)
from tests.builders import NOON_MS, operator_settings


def write(dsn: str, *rows: NeighborRow, epoch: int = 1, version: int = 1, space: int = 1) -> None:
    postgres = RetryingConnection(operator_settings(dsn).config.database)
    batch = NeighborBatch(space, 60.0, (epoch, version), rows)
    postgres.run(lambda connection: write_neighbors(connection, batch))
    postgres.close()


def row(item: str = "a", *neighbors: str, count: float = 2.5) -> NeighborRow:
    strengths = [1 / (1 + rank) for rank in range(len(neighbors))]
    return NeighborRow(item, neighbors, strengths, count, NOON_MS)


def rows(dsn: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn, autocommit=True) as db:
        return db.execute(
            "SELECT item_id, neighbor_ids, strengths, interactions,"
            " (extract(epoch FROM as_of) * 1000)::bigint, half_life_s, epoch, version"
            " FROM interestream.item_neighbors ORDER BY item_id"
        ).fetchall()


def test_a_row_has_its_neighbours_in_order(job_dsn):
    write(job_dsn, row("a", "b", "c"), row("b", count=0.0))
    assert rows(job_dsn) == [
        ("a", ["b", "c"], [1.0, 0.5], 2.5, NOON_MS, 60.0, 1, 1),
        ("b", [], [], 0.0, NOON_MS, 60.0, 1, 1),
    ]


@pytest.mark.parametrize(
    ("epoch", "version", "stays"), [(1, 9, True), (2, 1, True), (2, 3, False), (3, 1, False)]
)
def test_a_row_gives_way_to_a_later_one_only(job_dsn, epoch, version, stays):
    write(job_dsn, row("a", "old"), epoch=2, version=2)
    write(job_dsn, row("a", "new"), epoch=epoch, version=version)
    assert rows(job_dsn)[0][1] == (["old"] if stays else ["new"])


def test_ids_may_hold_any_character(job_dsn):
    nasty = ('"', "\\", "{}", ",", "NULL", "", " a ", "\n", "é", "\\\\\"'")
    write(job_dsn, row("a", *nasty))
    assert rows(job_dsn)[0][1] == list(nasty)


def test_more_rows_than_a_statement_takes_are_all_written(job_dsn):
    write(job_dsn, *(row(f"i{number}", "x") for number in range(ROWS_AT_ONCE + 3)))
    assert len(rows(job_dsn)) == ROWS_AT_ONCE + 3


def test_rows_of_earlier_epochs_of_the_space_are_dropped(job_dsn):
    write(job_dsn, row("a"), epoch=1)
    write(job_dsn, row("b"), epoch=2)
    write(job_dsn, row("c"), epoch=1, space=2)
    with psycopg.connect(job_dsn, autocommit=True) as db:
        drop_neighbors(db, 1, 2)
    assert [found[0] for found in rows(job_dsn)] == ["b", "c"]
