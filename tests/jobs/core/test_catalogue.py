"""The catalogue: rows stay, vectors change, unknown ids are -1."""

import numpy as np

from jobs.core.catalogue import Catalogue
from jobs.core.event_key import reference
from tests.builders import EAST, NORTH, UP, catalogue_of, half


def test_an_item_keeps_its_row_when_its_vector_changes():
    catalogue = Catalogue(4)
    assert catalogue.put("a", half(EAST))
    assert catalogue.put("b", half(NORTH))
    assert not catalogue.put("a", half(UP))
    assert len(catalogue) == 2
    np.testing.assert_array_equal(
        catalogue.vectors(catalogue.rows(["b", "a"])), np.array([NORTH, UP], dtype=np.float32)
    )


def test_unknown_items_and_no_item_have_no_row():
    catalogue = catalogue_of({"a": EAST})
    assert catalogue.rows(["a", "b", None]).tolist() == [0, -1, -1]
    references = np.array([reference("b"), reference("a")], dtype=np.uint64)
    assert catalogue.rows_of_references(references).tolist() == [-1, 0]
    assert (catalogue.knows("a"), catalogue.knows("b")) == (True, False)


def test_it_grows_beyond_its_first_capacity():
    catalogue = Catalogue(2, capacity=2)
    for number in range(9):
        catalogue.put(str(number), half((number, 1.0)))
    assert catalogue.ids == [str(number) for number in range(9)]
    np.testing.assert_array_equal(
        catalogue.vectors(np.arange(9))[:, 0], np.arange(9, dtype=np.float32)
    )


def test_no_ids_give_no_rows():
    assert catalogue_of({"a": EAST}).rows([]).shape == (0,)
