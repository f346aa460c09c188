"""Requests over a constructed catalogue, with the packaged encoder: wanted in, refused out."""

from pathlib import Path
from typing import Any

import psycopg
import pytest

from interestream import Recommender
from jobs.asking.answer import Answered, answer_request
from jobs.asking.space_bundle import NoEncoderError, SpaceBundle
from jobs.config import EncoderSettings
from jobs.core.asking.conversation import Conversation
from tests.jobs.asking.catalogue import ITEMS, fill


class Talk:
    """A conversation with the catalogue."""

    def __init__(self, db: psycopg.Connection, bundle_dir: Path) -> None:
        self.recommender = Recommender(db)
        self.bundle = SpaceBundle(EncoderSettings(bundle=bundle_dir))
        self.before = Conversation()

    def say(self, text: str, k: int = 5, **named: Any) -> Answered:
        answer = answer_request(self.recommender, self.bundle, text, self.before, k=k, **named)
        self.before = answer.conversation
        return answer

    def ids(self, text: str, k: int = 5, *, anew: bool = True) -> list[str]:
        if anew:
            self.before = Conversation()
        return [row.item_id for row in self.say(text, k).rows]


def kinds(ids: list[str]) -> set[str]:
    return {each.split("-")[0] for each in ids}


def test_wanted_in_refused_out(db: psycopg.Connection, bundle_dir: Path) -> None:
    """One database for all of it, since filling it takes longer than asking."""
    fill(db, bundle_dir)
    talk = Talk(db, bundle_dir)

    # By category, by word, by meaning; in both languages; nothing else is pushed away.
    space = talk.ids("a film about space", 5)
    assert kinds(space) == {"space"}
    assert "space-horror" in space
    assert "space-horror" not in talk.ids("a film about space, no horror", 9)
    assert "space-robots" not in talk.ids("films about space without robots", 9)
    assert {"space-moon", "space-mars"} <= set(talk.ids("films about space without robots", 3))
    assert kinds(talk.ids("dogs", 2)) == {"dog"}
    assert not kinds(talk.ids("funny films, but not about dogs", 12)) & {"dog"}
    assert "space-horror" not in talk.ids("太空片，不要恐怖片", 9)
    assert kinds(talk.ids("关于狗的喜剧", 2)) == {"dog"}

    # What does without the refused is not refused.
    soaps = talk.ids("soap, no perfume", 9)
    assert "soap-free" in soaps
    assert "soap-rose" not in soaps
    assert soaps.index("soap-free") < 2

    # Bounds: attributes where there are any, years by publication.
    cheap = talk.ids("soap under 5 euros", 9)
    assert cheap
    assert all(ITEMS[each].price <= 5 for each in cheap)
    assert all(1980 <= ITEMS[each].year <= 1989 for each in talk.ids("films from the 80s", 9))

    # Follow-ups stand on the list before.
    first = talk.ids("soap", 4)
    cheaper = talk.ids("cheaper", 4, anew=False)
    prices = sorted(ITEMS[each].price for each in first)
    assert all(ITEMS[each].price < (prices[1] + prices[2]) / 2 for each in cheaper)
    assert kinds(cheaper) == {"soap"}
    films = talk.ids("a film about space", 4)
    more = talk.ids("更像第二个", 4, anew=False)
    assert films[1] not in more
    assert talk.before.like == (films[1],)
    others = talk.ids("show me more", 4, anew=False)
    assert not {*others} & {*more}
    assert "space-horror" not in talk.ids("no horror", 9, anew=False)

    # Reasons are in the language of the request, or in the one that is asked for.
    talk.before = Conversation()
    assert talk.say("喜剧").rows[0].reason == "符合你的要求。"
    assert talk.say("comedy").rows[0].reason == "Fits what you asked for."
    assert talk.say("comedy", language="zh").rows[0].reason == "符合你的要求。"

    # What the catalogue does not hold is told, and the rest is answered.
    pages = talk.say("a film about space under 300 pages")
    assert pages.plan.understood()["unknown"] == ["pages"]
    assert pages.rows

    # Nothing that can be typed is an error.
    for text in ("no", "", "...", "more like the second", "不要", "under 0 euros", "'; --", "\x00"):
        talk.before = Conversation()
        talk.say(text)


def test_a_bundle_of_another_space_is_told_in_a_sentence(bundle_dir: Path) -> None:
    with pytest.raises(NoEncoderError, match="the space was built with"):
        SpaceBundle(EncoderSettings(bundle=bundle_dir)).encode("0" * 64, ["a"])


def test_a_missing_bundle_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NoEncoderError, match="need the bundle of the space"):
        SpaceBundle(EncoderSettings(bundle=tmp_path / "none")).encode("0" * 64, ["a"])
