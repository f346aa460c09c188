"""The catalogue: rows stay, vectors change, unknown ids and references are -1."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from jobs.core.event_key import reference
from jobs.core.interest.catalogue import Catalogue
from tests.builders import EAST, NORTH, UP, catalogue_of, half


def references(*item_ids: str) -> NDArray[np.uint64]:
    return np.array([reference(item_id) for item_id in item_ids], dtype=np.uint64)


def test_an_item_keeps_its_row_when_its_vector_changes():
    catalogue = Catalogue(4)
    assert catalogue.put("a", half(EAST))
    assert catalogue.put("b", half(NORTH))
    assert not catalogue.put("a", half(UP))
    assert len(catalogue) == 2
    np.testing.assert_array_equal(
        catalogue.matrix[catalogue.rows(["b", "a"])], np.array([NORTH, UP], dtype=np.float32)
    )


def test_unknown_items_and_no_item_have_no_row():
    catalogue = catalogue_of({"a": EAST})
    assert catalogue.rows(["a", "b", None]).tolist() == [0, -1, -1]
    assert (catalogue.knows("a"), catalogue.knows("b")) == (True, False)


def test_rows_are_found_by_reference_before_and_after_it_has_grown():
    catalogue = Catalogue(4, capacity=2)
    assert catalogue.rows_of_references(references("a", "b")).tolist() == [-1, -1]
    catalogue.put("b", half(EAST))
    assert catalogue.rows_of_references(references("a", "b")).tolist() == [-1, 0]
    for item_id in ("a", "c", "d"):
        catalogue.put(item_id, half(NORTH))
    assert catalogue.rows_of_references(references("d", "b", "x", "a")).tolist() == [3, 0, -1, 1]


def test_a_row_has_the_reference_of_its_item():
    catalogue = catalogue_of({"a": EAST, "b": NORTH})
    rows = catalogue.rows(["b", "a", "b"])
    assert catalogue.references(rows).tolist() == references("b", "a", "b").tolist()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcdefghij"), st.booleans()),
        max_size=40,
    )
)
def test_puts_and_look_ups_in_any_order_match_a_dictionary(calls):
    catalogue, expected = Catalogue(1, capacity=1), dict[str, int]()
    for item_id, put in calls:
        if put:
            assert catalogue.put(item_id, half([len(expected)])) == (item_id not in expected)
            expected.setdefault(item_id, len(expected))
        else:
            row = expected.get(item_id, -1)
            assert catalogue.rows_of_references(references(item_id)).tolist() == [row]
            assert catalogue.rows([item_id]).tolist() == [row]
    assert catalogue.ids == list(expected)


def test_it_grows_beyond_its_first_capacity():
    catalogue = Catalogue(2, capacity=2)
    for number in range(9):
        catalogue.put(str(number), half((number, 1.0)))
    assert catalogue.ids == [str(number) for number in range(9)]
    assert catalogue.matrix[:, 0].tolist() == list(range(9))
    assert catalogue.matrix.shape == (9, 2)


def test_no_ids_give_no_rows():
    assert catalogue_of({"a": EAST}).rows([]).shape == (0,)
    assert catalogue_of({"a": EAST}).rows_of_references(references()).shape == (0,)


def test_an_announced_item_keeps_its_vector_and_is_not_current():
    catalogue = Catalogue(2)
    catalogue.put("a", np.array([1, 0], dtype=np.float16))
    catalogue.put("b", np.array([0, 1], dtype=np.float16))
    catalogue.announced.add("a")
    rows = catalogue.rows(["a", "b", "c", None])
    assert catalogue.current(["a", "b", "c", None], rows).tolist() == [False, True, False, False]
    assert (catalogue.knows("a"), catalogue.has_vector("a"), catalogue.has_vector("c")) == (
        *(False, True),
        False,
    )


def test_a_deleted_item_keeps_its_row_without_a_vector():
    catalogue = catalogue_of({"a": EAST, "b": EAST})
    catalogue.announced.add("a")
    catalogue.delete("a")
    catalogue.delete("unknown")
    assert catalogue.matrix.tolist() == [[0.0] * 4, list(EAST), [0.0] * 4]
    assert catalogue.rows_of_references(references("a", "unknown")).tolist() == [0, 2]
    assert (catalogue.announced, catalogue.deleted) == (set(), {"a", "unknown"})
    assert [catalogue.decides(item) for item in ("a", "b", "unknown", "c")] == [
        *(True, True, True),
        False,
    ]
    assert [catalogue.has_vector(item) for item in ("a", "b", "unknown")] == [False, True, False]
