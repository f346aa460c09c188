"""Item vectors as broadcast state, and the catalogue that is made from them."""

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


def test_a_row_comes_back_as_it_was_sent():
    (row,) = read_vector_rows(vectors_row({'odd "id" \u00e9': UP}, epoch=7, version=3))
    assert (row.item_id, row.epoch, row.version) == ('odd "id" \u00e9', 7, 3)
    np.testing.assert_array_equal(np.frombuffer(row.vector, dtype=np.float16), half(UP))


def test_the_catalogue_after_a_restore_is_made_from_the_state():
    cells: Cells = {}
    before = ItemVectors(4)
    put(before, cells, {"a": EAST, "b": NORTH})
    after = ItemVectors(4)
    assert vector_of(after, cells, "b") == list(NORTH)
    assert after.arrivals == []
    put(after, cells, {"c": UP})
    assert after.arrivals == ["c"]
    assert vector_of(after, cells, "a") == list(EAST)


def test_the_first_row_after_a_restore_does_not_hide_the_restored_ones():
    cells: Cells = {}
    put(ItemVectors(4), cells, {"a": EAST})
    after = ItemVectors(4)
    put(after, cells, {"b": UP})
    assert vector_of(after, cells, "a") == list(EAST)


def test_an_item_arrives_once_and_changes_silently():
    cells: Cells = {}
    vectors = ItemVectors(4)
    put(vectors, cells, {"a": EAST})
    put(vectors, cells, {"a": UP}, version=2)
    assert vectors.arrivals == ["a"]
    assert vector_of(vectors, cells, "a") == list(UP)


def test_epoch_goes_before_version():
    cells: Cells = {}
    vectors = ItemVectors(4)
    put(vectors, cells, {"a": EAST}, epoch=2, version=1)
    put(vectors, cells, {"a": UP}, epoch=1, version=5)
    assert vector_of(vectors, cells, "a") == list(EAST)
    put(vectors, cells, {"a": NORTH}, epoch=2, version=1)
    assert vector_of(vectors, cells, "a") == list(NORTH)


def test_vectors_of_another_dimension_are_refused_with_both():
    cells: Cells = {}
    put(ItemVectors(4), cells, {"a": EAST})
    after = ItemVectors(8)
    for _ in range(2):  # also when it is asked again
        with pytest.raises(StateSchemaError, match=r"4 dimensions.*8"):
            vector_of(after, cells, "a")
