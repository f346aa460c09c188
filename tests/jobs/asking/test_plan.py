"""Plans: what is encoded, which filter is asked with, and what a follow-up keeps."""

from datetime import UTC, datetime

import numpy as np

from interestream import ItemFilter
from jobs.asking.plan import Plan, begin, make_plan
from jobs.core.asking.conversation import Conversation
from jobs.core.asking.find_filters import CatalogueWords
from jobs.core.asking.request import Bound
from jobs.core.asking.shifts import ShownItem

WORDS = CatalogueWords(("Comedy", "Horror", "Romance"), numbers=("price", "runtime"))
SHOWN = [
    ShownItem({"price": price, "runtime": 100}, datetime(2000 + price, 1, 1, tzinfo=UTC))
    for price in (10, 20, 30)
]


def plan_of(
    text: str, before: Conversation | None = None, reads: tuple[str, ...] = ("en",)
) -> Plan:
    said, now = begin(text, before or Conversation())
    return make_plan(said, now, SHOWN if said.shifts else [], WORDS, reads)


def asked(plan: Plan, where: ItemFilter | None = None) -> dict[str, object]:
    """The parameters of the question, of the filter without their type of JSON."""
    query = plan.query(np.eye(len(plan.texts), 4, dtype=np.float32), where=where)
    return {name: getattr(value, "obj", value) for name, value in query.parameters.items()}


def test_the_wanted_text_and_each_refused_one_are_encoded_at_once() -> None:
    plan = plan_of("a train journey, no snow, no ghosts")
    assert plan.texts == ("train journey", "snow", "ghosts")
    parameters = asked(plan)
    assert parameters["p_wanted"] == [1, 0, 0, 0]
    assert parameters["p_refused"] == [[0, 1, 0, 0], [0, 0, 1, 0]]
    assert parameters["p_refused_words"] == ["snow", "ghost"]


def test_without_anything_wanted_all_texts_are_refused_ones() -> None:
    parameters = asked(plan_of("no ghosts"))
    assert "p_wanted" not in parameters
    assert parameters["p_refused"] == [[1, 0, 0, 0]]


def test_refused_texts_are_put_into_english_for_an_encoder_that_reads_nothing_else() -> None:
    assert plan_of("喜剧，不要恐怖片").texts == ("comedy", "horror")
    assert plan_of("喜剧，不要恐怖片", reads=("en", "zh")).texts == ("喜剧", "恐怖片")


def test_words_that_an_encoder_cannot_read_are_left_out_and_named() -> None:
    some = plan_of("关于鲸鱼的喜剧，不要熨斗")
    assert some.texts == ("comedy",)
    assert some.understood()["unknown"] == ["鲸鱼", "熨斗"]
    assert not some.nothing_known
    none = plan_of("骑鲸鱼")
    assert none.texts == ()
    assert none.nothing_known
    assert not plan_of("骑鲸鱼，1994年").nothing_known
    assert plan_of("骑鲸鱼", reads=("en", "zh")).texts == ("骑鲸鱼",)
    later = plan_of("but funny", plan_of("骑鲸鱼").conversation.shown(("a",)))
    assert later.texts == ("funny",)


def test_filters_of_the_request_and_of_the_caller_hold_together() -> None:
    plan = plan_of("a comedy from the 80s under 90 minutes, no horror")
    where = ItemFilter(["Romance"], ["en"], ranges={"price": {"max": 5}}, not_categories=["War"])
    alone = asked(plan)
    assert alone["filter_p_categories"] == ["Comedy"]
    assert alone["filter_p_not_categories"] == ["Horror"]
    assert alone["filter_p_ranges"] == {"runtime": {"max": 90}}
    assert alone["filter_p_published_after"] == datetime(1980, 1, 1, tzinfo=UTC)
    assert alone["filter_p_published_before"] == datetime(1990, 1, 1, tzinfo=UTC)
    both = asked(plan, where)
    assert both["filter_p_categories"] == ["Romance"]
    assert both["filter_p_languages"] == ["en"]
    assert both["filter_p_not_categories"] == ["Horror", "War"]
    assert both["filter_p_ranges"] == {"runtime": {"max": 90}, "price": {"max": 5}}


def test_a_request_that_names_no_filter_asks_without_one() -> None:
    assert not [name for name in asked(plan_of("trains")) if name.startswith("filter_")]


def test_a_shift_becomes_a_bound_that_the_conversation_keeps() -> None:
    first = plan_of("a comedy under 90 minutes").conversation.shown(("a", "b", "c"))
    plan = plan_of("cheaper", first)
    assert plan.conversation.bounds == (
        Bound("duration", None, 5400.0),
        Bound("price", None, 19.99),
    )
    assert asked(plan)["filter_p_ranges"] == {"runtime": {"max": 90}, "price": {"max": 19.99}}
    assert plan.conversation.wanted == ("comedy",)


def test_a_shift_that_nothing_measures_is_wanted() -> None:
    first = plan_of("a comedy").conversation.shown(("a",))
    assert plan_of("funnier", first).conversation.wanted == ("comedy", "funny")


def test_items_that_were_shown_are_named_by_their_place() -> None:
    first = plan_of("a comedy").conversation.shown(("a", "b", "c"))
    parameters = asked(plan_of("like the second, not like the last one", first))
    assert (parameters["p_like"], parameters["p_unlike"]) == (["b"], ["c"])
    assert asked(plan_of("show me more", first))["p_exclude"] == ["a", "b", "c"]
