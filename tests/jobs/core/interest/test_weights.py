"""Signed weights: the table of docs/contract.md, worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.verify.recompute.actions import ACTIONS as CONTRACT
from jobs.action_settings import DEFAULT_ACTIONS, Action
from jobs.core.interest.undo import NOT_UNDOABLE
from jobs.core.interest.weights import ActionTable, signed_weights
from tests.builders import ACTIONS

NO_VALUE = math.nan


def weight_of(action: str, value: float = NO_VALUE, table: ActionTable = ACTIONS) -> float:
    return float(signed_weights(table, table.encode([action]), np.array([value]))[0])


@pytest.mark.parametrize(
    ("action", "value", "weight"),
    [
        ("impression", NO_VALUE, 0.0),
        ("view", NO_VALUE, 1.0),
        ("like", 17.0, 3.0),  # no scaling: the value is ignored
        ("dislike", NO_VALUE, -3.0),
        ("skip", NO_VALUE, -0.5),
        ("purchase", NO_VALUE, 5.0),
        ("dwell", NO_VALUE, 2.0),
        ("dwell", 0.0, 0.0),
        ("dwell", 30.0, 0.5),
        ("dwell", 120.0, 2.0),
        ("dwell", 1e9, 2.0),
        ("dwell", -5.0, 0.0),
        ("rating", NO_VALUE, 4.0),
        ("rating", 2.5, 0.0),
        ("rating", 5.0, 4.0),
        ("rating", 3.75, 2.0),
        ("rating", 1.25, -2.0),
        ("rating", 0.0, -4.0),
        ("rating", -9.0, -4.0),
        ("rating", 9.0, 4.0),
        ("review", 3.75, 2.0),
        ("review", 0.0, -4.0),
    ],
)
def test_the_weight_of_each_action_by_hand(action, value, weight):
    assert weight_of(action, value) == weight


def test_a_lopsided_range_is_scaled_on_each_side_of_its_neutral_value():
    actions = {"stars": Action(weight=2, scale="signed", value_range=(1, 4, 5))}
    table = ActionTable.of(actions, {"stars": 0})
    assert [weight_of("stars", value, table) for value in (1, 2.5, 4, 4.5, 5)] == [-2, -1, 0, 1, 2]


def test_a_scaled_action_may_have_a_negative_sign():
    actions = {"hide": Action(weight=2, sign=-1, scale="linear", value_range=(0, 10))}
    table = ActionTable.of(actions, {"hide": 0})
    assert [weight_of("hide", value, table) for value in (0, 5, 10)] == [0, -1, -2]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(CONTRACT)),
            st.one_of(st.none(), st.floats(-1e6, 1e6)),
        ),
        max_size=20,
    )
)
def test_a_batch_has_the_weights_of_its_events_one_by_one(events):
    value = np.array(
        [NO_VALUE if value is None else value for _, value in events], dtype=np.float64
    )
    found = signed_weights(ACTIONS, ACTIONS.encode([action for action, _ in events]), value)
    expected = [CONTRACT[action].signed_weight(value) for action, value in events]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=0)


def test_each_action_has_the_bit_that_it_was_registered_with():
    table = ActionTable.of(
        DEFAULT_ACTIONS, {name: 62 - n for n, name in enumerate(DEFAULT_ACTIONS)}
    )
    (code,) = table.encode(["view"]).tolist()
    assert table.mask[code] == 2**61
    assert table.mask.sum() == sum(2 ** (62 - n) for n in range(len(DEFAULT_ACTIONS)))


def test_only_the_text_of_a_search_is_a_query():
    codes = ACTIONS.encode(["search", "comment", "like"])
    assert ACTIONS.query[codes].tolist() == [True, False, False]


def test_an_undoing_action_has_the_bit_of_the_action_that_it_undoes():
    bits = {name: 60 - number for number, name in enumerate(DEFAULT_ACTIONS)}
    table = ActionTable.of(DEFAULT_ACTIONS, bits)
    for undo, undone in (
        ("unlike", "like"),
        ("undislike", "dislike"),
        ("uncart", "cart"),
        ("return", "purchase"),
    ):
        codes = table.encode([undo, undone])
        assert table.undo_bit[codes].tolist() == [bits[undone]] * 2
        assert table.undoes[codes].tolist() == [True, False]
        assert weight_of(undo, table=table) == 0.0


def test_actions_that_cannot_be_undone_have_no_undo_bit():
    codes = ACTIONS.encode(["view", "search", "comment", "review", "impression"])
    assert (ACTIONS.undo_bit[codes] == NOT_UNDOABLE).all()
    assert not ACTIONS.undoes[codes].any()


def test_a_rating_undoes_its_own_action_and_can_be_undone():
    bits = {name: 60 - number for number, name in enumerate(DEFAULT_ACTIONS)}
    for repeat, bit in (("replace", bits["rating"]), ("add", NOT_UNDOABLE)):
        rating = DEFAULT_ACTIONS["rating"].model_copy(update={"repeat": repeat})
        table = ActionTable.of({**DEFAULT_ACTIONS, "rating": rating}, bits)
        (code,) = table.encode(["rating"]).tolist()
        assert (table.undo_bit[code], table.undoes[code]) == (bit, repeat == "replace")


def test_an_undo_of_an_action_that_replaces_has_its_bit():
    actions = {**DEFAULT_ACTIONS, "unrate": Action(weight=0, undoes="rating")}
    bits = {name: number for number, name in enumerate(actions)}
    table = ActionTable.of(actions, bits)
    codes = table.encode(["unrate", "rating"])
    assert table.undo_bit[codes].tolist() == [bits["rating"]] * 2
    assert table.undoes[codes].tolist() == [True, True]


def test_only_the_text_of_a_comment_is_a_comment():
    codes = ACTIONS.encode(["search", "comment", "like"])
    assert ACTIONS.comment[codes].tolist() == [False, True, False]
