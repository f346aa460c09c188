"""Item vectors in broadcast state, and the catalogue made of them."""

import numpy as np
import pytest

from jobs.errors import StateSchemaError
from jobs.operators.item_vectors import ItemVectors, read_vector_rows
from tests.builders import EAST, NORTH, UP, half
from tests.fakes.keyed_context import Cells, FakeMapState
from tests.jobs.operators.builders import vectors_row


def put(
    vectors: ItemVectors, cells: Cells, items: dict[str, tuple[float, ...]], **head: int
) -> None:
    state = FakeMapState(lambda: cells)
    vectors.put(state, read_vector_rows(vectors_row(items, **head)))


def vector_of(vectors: ItemVectors, cells: Cells, item_id: str) -> list[float]:
    catalogue = vectors.catalogue(FakeMapState(lambda: cells))
    return list(catalogue.matrix[catalogue.rows([item_id])[0]].tolist())


def test_a_vector_row_is_read_as_it_was_made():
    (row,) = read_vector_rows(vectors_row({'odd "id" \u00e9': UP}, epoch=7, version=3))
    assert (row.item_id, row.epoch, row.version) == ('odd "id" \u00e9', 7, 3)
    np.testing.assert_array_equal(np.frombuffer(row.vector, dtype=np.float16), half(UP))


def test_after_a_restore_the_catalogue_is_made_of_the_state():
    cells: Cells = {}
    before = ItemVectors(4)
    put(before, cells, {"a": EAST, "b": NORTH})
    after = ItemVectors(4)
    assert vector_of(after, cells, "b") == list(NORTH)
    assert after.arrivals == []
    put(after, cells, {"c": UP})
    assert after.arrivals == ["c"]
    assert vector_of(after, cells, "a") == list(EAST)


def test_the_first_row_after_a_restore_is_added_to_the_restored_ones():
    cells: Cells = {}
    put(ItemVectors(4), cells, {"a": EAST})
    after = ItemVectors(4)
    put(after, cells, {"b": UP})
    assert vector_of(after, cells, "a") == list(EAST)


def test_an_item_arrives_once_however_often_its_vector_changes():
    cells: Cells = {}
    vectors = ItemVectors(4)
    put(vectors, cells, {"a": EAST})
    put(vectors, cells, {"a": UP}, version=2)
    assert vectors.arrivals == ["a"]
    assert vector_of(vectors, cells, "a") == list(UP)


def test_the_epoch_decides_before_the_version():
    cells: Cells = {}
    vectors = ItemVectors(4)
    put(vectors, cells, {"a": EAST}, epoch=2, version=1)
    put(vectors, cells, {"a": UP}, epoch=1, version=5)
    assert vector_of(vectors, cells, "a") == list(EAST)
    put(vectors, cells, {"a": NORTH}, epoch=2, version=1)
    assert vector_of(vectors, cells, "a") == list(NORTH)


def test_vectors_of_another_dimension_are_refused_with_both_numbers():
    cells: Cells = {}
    put(ItemVectors(4), cells, {"a": EAST})
    after = ItemVectors(8)
    for _ in range(2):  # the second call, too
        with pytest.raises(StateSchemaError, match=r"4 dimensions.*8"):
            vector_of(after, cells, "a")
