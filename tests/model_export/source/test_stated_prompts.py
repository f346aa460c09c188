"""The prompts of a folder, under the names that makers of models give them."""

from collections.abc import Mapping

import pytest

from model_export.source.stated_prompts import read_prompts


def texts(settings: Mapping[str, object]) -> tuple[str, str]:
    """The texts of both sides, empty for none."""
    found = read_prompts(settings)
    return (found.query.text if found.query else "", found.document.text if found.document else "")


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"query": "q: ", "document": "d: "}, ("q: ", "d: ")),
        ({"query": "q: ", "passage": "p: "}, ("q: ", "p: ")),
        ({"query": "q: ", "document": "", "passage": "p: "}, ("q: ", "p: ")),
        ({"query": "q: ", "document": ""}, ("q: ", "")),
        ({"query": "", "document": ""}, ("", "")),
        ({"search_query": "q: ", "search_document": "d: "}, ("q: ", "d: ")),
        ({"search_query": "q: ", "search_document": "d: ", "query": ""}, ("q: ", "d: ")),
        ({"Retrieval-query": "q: ", "Retrieval-document": "d: "}, ("q: ", "d: ")),
        ({"retrieval.query": "q: ", "retrieval.passage": "d: "}, ("q: ", "d: ")),
        ({"question": "q: ", "doc": "d: "}, ("q: ", "d: ")),
        ({"queries": "q: ", "corpus": "d: "}, ("q: ", "d: ")),
        ({"s2p_query": "q: ", "s2s_query": "s: "}, ("q: ", "")),
        ({"web_search_query": "q: ", "sts_query": "s: ", "bitext_query": "b: "}, ("q: ", "")),
    ],
)
def test_prompts_are_read_by_their_usual_names(stated, expected):
    assert texts({"prompts": stated}) == expected
    assert read_prompts({"prompts": stated}).unclear == ()


def test_a_prompt_whose_name_says_nothing_is_unclear_while_a_side_has_none():
    found = read_prompts({"prompts": {"s2p": "other: ", "query": "", "document": ""}})
    assert (found.are_none, found.unclear, found.unused) == (True, ("s2p",), ())
    found = read_prompts({"prompts": {"s2p": "other: ", "query": "q: "}})
    assert (found.unclear, found.unused) == (("s2p",), ())
    found = read_prompts({"prompts": {"s2p": "other: ", "query": "q: ", "passage": "p: "}})
    assert (found.unclear, found.unused) == ((), ("s2p",))


def test_prompts_of_other_tasks_are_left_out_and_named():
    stated = {"query": "q: ", "clustering": "c: ", "STS": "s: ", "search_query": "find: "}
    found = read_prompts({"prompts": stated})
    assert (found.unclear, found.unused) == ((), ("clustering", "STS", "search_query"))


def test_a_side_without_a_prompt_has_the_default_one():
    settings = {"prompts": {"s2p": "all: ", "query": "q: "}, "default_prompt_name": "s2p"}
    assert texts(settings) == ("q: ", "all: ")
    assert read_prompts(settings).unclear == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("query", ("x: ", "")), ("search_query", ("x: ", "")), ("passage", ("", "x: "))],
)
def test_a_default_prompt_that_is_plainly_one_sides_is_not_taken_for_the_other(name, expected):
    settings = {"prompts": {name: "x: "}, "default_prompt_name": name}
    assert texts(settings) == expected
    assert read_prompts(settings).default_of_one_side == name
