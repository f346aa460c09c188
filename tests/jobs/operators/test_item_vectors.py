"""Item vectors in broadcast state, and the catalogue made of them."""

import numpy as np
import pytest

from jobs.errors import StateSchemaError
from jobs.operators.item_vectors import ItemVectors, read_vector_rows
from tests.builders import EAST, NORTH, UP, half
from tests.fakes.keyed_context import Cells, FakeBroadcastState
from tests.jobs.operators.builders import announced_row, vectors_row


class States(dict[str, Cells]):
    """Cells of the broadcast states by name."""

    def __init__(self) -> None:
        super().__init__(vectors={}, announced={})

    def both(self) -> tuple[FakeBroadcastState, FakeBroadcastState]:
        return (
            FakeBroadcastState(lambda: self["vectors"]),
            FakeBroadcastState(lambda: self["announced"]),
        )


def put(
    vectors: ItemVectors, states: States, items: dict[str, tuple[float, ...]], **head: int
) -> None:
    vectors.put(*states.both(), read_vector_rows(vectors_row(items, **head)))


def announce(vectors: ItemVectors, states: States, *items: str, **head: int) -> None:
    vectors.put(*states.both(), read_vector_rows(announced_row(items, **head)))


def vector_of(vectors: ItemVectors, states: States, item_id: str) -> list[float]:
    catalogue = vectors.catalogue(*states.both())
    return list(catalogue.matrix[catalogue.rows([item_id])[0]].tolist())


def knows(vectors: ItemVectors, states: States, item_id: str) -> bool:
    return vectors.catalogue(*states.both()).knows(item_id)


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
