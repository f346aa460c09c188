"""Rows of the client from what a database answers."""

from interestream.queries import recommend
from interestream.rows import Parts

ROW = {
    "rank": 1,
    "item_id": "a",
    "title": "A",
    "categories": [],
    "score": 1.0,
    "reason": "",
    "source": "recent",
    "source_item_id": None,
    "source_title": None,
    "nearest_liked_item_id": None,
    "nearest_liked_title": None,
}


def test_what_a_database_of_a_later_version_says_besides_is_left_out() -> None:
    later = {"blend": 0.5, "segment": "few", "weather": "rain"}
    assert recommend("ada").make_row(**ROW, parts=later).parts == Parts(blend=0.5, segment="few")
