"""Item vectors in broadcast state, and the catalogue made of them."""

from typing import Any

import numpy as np
import pytest

from jobs.errors import StateSchemaError
from jobs.operators.item_vectors import (
    ItemVectors,
    VectorStates,
    read_vector_rows,
    removal,
    removed_items,
)
from tests.builders import EAST, NORTH, UP, half
from tests.fakes.keyed_context import Cells, FakeBroadcastState
from tests.jobs.operators.builders import announced_row, vectors_row


class States(dict[str, Cells]):
    """Cells of the broadcast states by name."""

    def __init__(self) -> None:
        super().__init__(vectors={}, announced={}, deleted={})

    def all(self) -> VectorStates[Any]:
        return VectorStates(
            FakeBroadcastState(lambda: self["vectors"]),
            FakeBroadcastState(lambda: self["announced"]),
            FakeBroadcastState(lambda: self["deleted"]),
        )


def put(
    vectors: ItemVectors, states: States, items: dict[str, tuple[float, ...]], **head: int
) -> None:
    vectors.put(states.all(), read_vector_rows(vectors_row(items, **head)))


def announce(vectors: ItemVectors, states: States, *items: str, **head: int) -> None:
    vectors.put(states.all(), read_vector_rows(announced_row(items, **head)))


def vector_of(vectors: ItemVectors, states: States, item_id: str) -> list[float]:
    catalogue = vectors.catalogue(states.all())
    return list(catalogue.matrix[catalogue.rows([item_id])[0]].tolist())


def knows(vectors: ItemVectors, states: States, item_id: str) -> bool:
    return vectors.catalogue(states.all()).knows(item_id)


def test_a_vector_row_is_read_as_it_was_made():
    (row,) = read_vector_rows(vectors_row({'odd "id" \u00e9': UP}, epoch=7, version=3))
    assert (row.item_id, row.epoch, row.version) == ('odd "id" \u00e9', 7, 3)
    np.testing.assert_array_equal(np.frombuffer(row.vector, dtype=np.float16), half(UP))


def test_after_a_restore_the_catalogue_is_made_of_the_state():
    states = States()
    before = ItemVectors(4)
    put(before, states, {"a": EAST, "b": NORTH})
    after = ItemVectors(4)
    assert vector_of(after, states, "b") == list(NORTH)
    assert after.arrivals == []
    put(after, states, {"c": UP})
    assert after.arrivals == ["c"]
    assert vector_of(after, states, "a") == list(EAST)


def test_the_first_row_after_a_restore_is_added_to_the_restored_ones():
    states = States()
    put(ItemVectors(4), states, {"a": EAST})
    after = ItemVectors(4)
    put(after, states, {"b": UP})
    assert vector_of(after, states, "a") == list(EAST)


def test_an_item_arrives_once_however_often_its_vector_changes():
    states = States()
    vectors = ItemVectors(4)
    put(vectors, states, {"a": EAST})
    put(vectors, states, {"a": UP}, version=2)
    assert vectors.arrivals == ["a"]
    assert vector_of(vectors, states, "a") == list(UP)


def test_the_epoch_decides_before_the_version():
    states = States()
    vectors = ItemVectors(4)
    put(vectors, states, {"a": EAST}, epoch=2, version=1)
    put(vectors, states, {"a": UP}, epoch=1, version=5)
    assert vector_of(vectors, states, "a") == list(EAST)
    put(vectors, states, {"a": NORTH}, epoch=2, version=1)
    assert vector_of(vectors, states, "a") == list(NORTH)


def test_vectors_of_another_dimension_are_refused_with_both_numbers():
    states = States()
    put(ItemVectors(4), states, {"a": EAST})
    after = ItemVectors(8)
    for _ in range(2):  # the second call, too
        with pytest.raises(StateSchemaError, match=r"4 dimensions.*8"):
            vector_of(after, states, "a")


def test_an_announced_item_is_not_known_until_its_new_vector_arrives():
    states = States()
    vectors = ItemVectors(4)
    put(vectors, states, {"a": EAST, "b": NORTH})
    announce(vectors, states, "a", version=2)
    assert (knows(vectors, states, "a"), knows(vectors, states, "b")) == (False, True)
    assert vector_of(vectors, states, "a") == list(EAST)
    put(vectors, states, {"a": UP}, version=2)
    assert knows(vectors, states, "a")
    assert vectors.arrivals == ["a", "b", "a"]
    assert states["announced"] == {}


def test_an_announcement_lasts_until_the_newest_announced_vector():
    states = States()
    vectors = ItemVectors(4)
    put(vectors, states, {"a": EAST})
    announce(vectors, states, "a", version=2)
    announce(vectors, states, "a", version=3)
    put(vectors, states, {"a": UP}, version=2)
    assert not knows(vectors, states, "a")
    put(vectors, states, {"a": NORTH}, version=3)
    assert knows(vectors, states, "a")


def test_an_announcement_that_its_vector_has_overtaken_means_nothing():
    states = States()
    vectors = ItemVectors(4)
    put(vectors, states, {"a": UP}, version=2)
    announce(vectors, states, "a", version=2)
    assert knows(vectors, states, "a")
    assert states["announced"] == {}


def test_an_item_whose_change_is_announced_before_its_first_vector_waits_for_the_change():
    states = States()
    vectors = ItemVectors(4)
    announce(vectors, states, "a", version=2)
    put(vectors, states, {"a": EAST}, version=1)
    assert not knows(vectors, states, "a")
    put(vectors, states, {"a": UP}, version=2)
    assert knows(vectors, states, "a")


def test_after_a_restore_an_announced_item_is_still_announced():
    states = States()
    before = ItemVectors(4)
    put(before, states, {"a": EAST})
    announce(before, states, "a", version=2)
    after = ItemVectors(4)
    assert not knows(after, states, "a")
    put(after, states, {"a": UP}, version=2)
    assert knows(after, states, "a")


def test_a_deleted_item_has_no_vector_and_none_that_comes_later():
    states = States()
    vectors = ItemVectors(4)
    put(vectors, states, {"a": EAST, "b": NORTH})
    announce(vectors, states, "a", version=2)
    vectors.delete(states.all(), ["a", "new"])
    put(vectors, states, {"a": UP}, version=2)
    announce(vectors, states, "new")
    put(vectors, states, {"new": UP})
    assert (list(states["vectors"]), list(states["announced"])) == (["b"], [])
    assert list(states["deleted"]) == ["a", "new"]
    for found in (vectors, ItemVectors(4)):  # as it is after a restore
        catalogue = found.catalogue(states.all())
        for item in ("a", "new"):
            assert (catalogue.knows(item), catalogue.has_vector(item)) == (False, False)
            assert catalogue.decides(item)
        assert catalogue.knows("b")
        assert vector_of(found, states, "a") == [0.0] * 4


def test_the_events_of_a_deleted_item_may_wait_no_longer():
    states = States()
    vectors = ItemVectors(4)
    put(vectors, states, {"a": EAST})
    for _ in range(2):  # a second time it is known already
        vectors.delete(states.all(), ["a", "new"])
    assert vectors.arrivals == ["a", "a", "new"]


def test_a_row_of_deleted_items_is_read_as_it_was_made():
    assert removed_items(removal(["a", 'odd "id" \u00e9'])) == ["a", 'odd "id" \u00e9']
    assert removed_items(vectors_row({"a": UP})) is None
