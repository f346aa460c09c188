"""What an event says of the recommendation that it belongs to."""

import orjson
import pytest

from jobs.core.feedback.contexts import (
    MAX_NAME_CHARS,
    MAX_PLACE,
    Cell,
    Recommended,
    names_recommendation,
    read_recommended,
)


def read(**context: object) -> Recommended | None:
    return read_recommended(orjson.dumps({"event_id": 1, "context": context}))


def test_all_that_a_context_says_is_read() -> None:
    found = read(
        recommendation_id="r1", position=3, source="neighbor", segment="few", variant="b", device=1
    )
    assert found == Recommended("r1", Cell("neighbor", 3, "few", "b"))


@pytest.mark.parametrize(
    ("given", "place"),
    [(1, 1), (2.0, 2), (MAX_PLACE + 7, MAX_PLACE), (0, 0), (-3, 0), ("2", 0), (True, 0), (None, 0)],
)
def test_a_position_is_a_number_from_one(given: object, place: int) -> None:
    assert read(recommendation_id="r1", position=given) == Recommended("r1", Cell(place=place))


def test_names_of_another_type_count_as_absent_and_long_ones_are_cut() -> None:
    found = read(recommendation_id="r1", source=7, segment=["few"], variant="x" * 100)
    assert found == Recommended("r1", Cell(variant="x" * MAX_NAME_CHARS))


@pytest.mark.parametrize("given", ["", None, 1.5, True, ["r1"]])
def test_without_an_id_there_is_no_recommendation(given: object) -> None:
    assert read(recommendation_id=given) is None


def test_an_integer_is_an_id() -> None:
    assert read(recommendation_id=17) == Recommended("17", Cell())


@pytest.mark.parametrize("context", [None, "r1", ["r1"], 5])
def test_a_context_that_is_no_object_says_nothing(context: object) -> None:
    assert read_recommended(orjson.dumps({"recommendation_id": "r1", "context": context})) is None


def test_a_line_is_read_whatever_way_json_writes_the_name() -> None:
    escaped = rb'{"context": {"\u0072ecommendation_id": "r1"}}'
    assert names_recommendation(escaped)
    assert read_recommended(escaped) == Recommended("r1", Cell())
    assert not names_recommendation(b'{"context": {"device": "phone"}}')
