"""Utterances in English and Chinese, and what each says."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.asking.languages import language, languages
from jobs.core.asking.request import Bound, Said, Shift
from jobs.core.asking.understand import MAX_CHARACTERS, MAX_PARTS, understand


def said(text: str) -> Said:
    return understand(text, languages())


WANTED_AND_REFUSED = [
    ("something light for a rainy evening, no horror", ["light for a rainy evening"], ["horror"]),
    ("No horror, something funny", ["funny"], ["horror"]),
    ("no horror, gore or violence", [], ["horror", "gore", "violence"]),
    ("no horror, gore, war or violence", [], ["horror", "gore", "war", "violence"]),
    ("no horror and no gore", [], ["horror", "gore"]),
    ("a comedy without romance", ["comedy"], ["romance"]),
    ("I don't want anything with zombies or vampires", [], ["zombies", "vampires"]),
    ("I’m looking for a western but not too violent", ["western"], ["violent"]),
    ("80s music, anything but metal", ["music"], ["metal"]),
    ("a family film for my kids, nothing scary", ["family film for my kids"], ["scary"]),
    ("nothing scary for kids", ["for kids"], ["scary"]),
    ("shampoo without sulfates", ["shampoo"], ["sulfates"]),
    ("fragrance-free moisturizer", ["fragrance-free moisturizer"], []),
    ("a war movie that is not too violent, please", ["war movie"], ["violent"]),
    ("less violence please", [], ["violence"]),
    ("avoid horror; I want a thriller", ["thriller"], ["horror"]),
    ("except documentaries", [], ["documentaries"]),
    ("no sad end and a lot of rain", ["lot of rain"], ["sad end"]),
    ("not only for kids: a family film", ["not only for kids", "family film"], []),
    ("nothing but comedies", ["comedies"], []),
    ('like "No Country for Old Men"', ["like No Country for Old Men"], []),
    ("like No Country for Old Men", ["like No Country for Old Men"], []),
    ("Zzyzx qwerty", ["Zzyzx qwerty"], []),
    ("来点轻松的，适合下雨天看的，不要恐怖片", ["轻松", "适合下雨天"], ["恐怖片"]),
    ("不要恐怖片", [], ["恐怖片"]),
    ("别给我推荐战争片", [], ["战争片"]),
    ("不想看爱情片和歌舞片", [], ["爱情片", "歌舞片"]),
    ("除了动画片以外的喜剧", ["喜剧"], ["动画片"]),
    ("没有暴力的动画片", ["动画片"], ["暴力"]),
    ("洗发水，不含硫酸盐", ["洗发水"], ["硫酸盐"]),
    ("來點輕鬆的，別給我推荐恐怖片", ["轻松"], ["恐怖片"]),
    ("沒有暴力的動畫片", ["动画片"], ["暴力"]),
    ("有没有好看的科幻片", ["科幻片"], []),
    ("特别感人的电影", ["特别感人的电影"], []),
    ("类似《无间道》的电影", ["类似无间道的电影"], []),
]


@pytest.mark.parametrize(("text", "wanted", "refused"), WANTED_AND_REFUSED)
def test_wanted_and_refused_parts_are_told_apart(text, wanted, refused):
    found = said(text)
    assert [each.casefold() for each in found.wanted] == [each.casefold() for each in wanted]
    assert list(found.refused) == refused


BOUNDS = [
    ("under 20 euros", Bound("price", None, 20, "EUR")),
    ("below $15.50", Bound("price", None, 15.5, "USD")),
    ("for 30 pounds or less", Bound("price", None, 30, "GBP")),
    ("at least 10 €", Bound("price", 10, None, "EUR")),
    ("between 10 and 20 euros", Bound("price", 10, 20, "EUR")),
    ("10-20 dollars", Bound("price", 10, 20, "USD")),
    ("cheaper than 12", Bound("price", None, 12, None)),
    ("under 90 minutes", Bound("duration", None, 5400)),
    ("less than two hours", Bound("duration", None, 7200)),
    ("no more than half an hour", Bound("duration", None, 1800)),
    ("over 300 pages", Bound("pages", 300, None)),
    ("from the 80s", Bound("year", 1980, 1989)),
    ("from the nineties", Bound("year", 1990, 1999)),
    ("of the 2000s", Bound("year", 2000, 2009)),
    ("after 2010", Bound("year", 2011, None)),
    ("since 2010", Bound("year", 2010, None)),
    ("before 1960", Bound("year", None, 1959)),
    ("from 1994", Bound("year", 1994, 1994)),
    ("between 1990 and 1995", Bound("year", 1990, 1995)),
    ("20欧元以下", Bound("price", None, 20, "EUR")),
    ("不超过一百块", Bound("price", None, 100, "CNY")),
    ("50元到80元之间", Bound("price", 50, 80, "CNY")),
    ("90分钟以内", Bound("duration", None, 5400)),
    ("两个小时以内", Bound("duration", None, 7200)),
    ("九十年代", Bound("year", 1990, 1999)),
    ("80年代", Bound("year", 1980, 1989)),
    ("2010年以后", Bound("year", 2011, None)),
    ("1990年以前", Bound("year", None, 1989)),
    ("1994年", Bound("year", 1994, 1994)),
]


@pytest.mark.parametrize(("text", "bound"), BOUNDS)
@pytest.mark.parametrize("around", ["{}", "before {} behind", "前面{}，后面"])
def test_bounds_are_found_and_taken_out(text, bound, around):
    chinese = re.search("[一-鿿]", text) is not None
    if around != "{}" and chinese == around.startswith("b"):
        around = "{}"
    found = said(around.format(text))
    assert found.bounds == (bound,)
    assert not any(digit in part for part in found.wanted for digit in "0123456789")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("shorter", Shift("duration", False, "short")),
        ("not too long", Shift("duration", False, "short")),
        ("cheaper please", Shift("price", False, "cheap")),
        ("something newer", Shift("year", True, "new")),
        ("but less old", Shift("year", True, "new")),
        ("funnier", Shift(None, True, "funny")),
        ("更短", Shift("duration", False, "short")),
        ("再短点", Shift("duration", False, "short")),
        ("便宜点", Shift("price", False, "cheap")),
        ("更新一点的", Shift("year", True, "new")),
        ("别太长", Shift("duration", False, "short")),
    ],
)
def test_a_shift_moves_a_quantity_and_is_a_follow_up(text, expected):
    found = said(text)
    assert found.shifts == (expected,)
    assert (found.wanted, found.refused, found.follow_up) == ((), (), True)


@pytest.mark.parametrize(
    ("text", "like", "unlike"),
    [
        ("more like the second", (2,), ()),
        ("like number 3", (3,), ()),
        ("similar to #4 please", (4,), ()),
        ("more like the 2nd one", (2,), ()),
        ("I liked the last one", (-1,), ()),
        ("not like the third", (), (3,)),
        ("like the first, but not like the second", (1,), (2,)),
        ("像第二个那样的", (2,), ()),
        ("更像第3部", (3,), ()),
        ("最后一个那样的", (-1,), ()),
        ("像第二個那樣的", (2,), ()),
        ("不要像第一个", (), (1,)),
    ],
)
def test_places_in_the_list_before_are_found(text, like, unlike):
    found = said(text)
    assert (found.like, found.unlike, found.follow_up) == (like, unlike, True)
    assert found.wanted == ()


@pytest.mark.parametrize(
    "text", ["show me more", "Something else!", "others", "还有吗？", "换一批"]
)
def test_others_are_asked_for(text):
    found = said(text)
    assert found.others
    assert found.follow_up
    assert not found.wanted


@pytest.mark.parametrize(
    "text", ["a comedy about cooking", "films about space", "喜剧片", "九十年代的犯罪片"]
)
def test_a_request_of_its_own_is_no_follow_up(text):
    assert not said(text).follow_up


@given(st.text(max_size=2 * MAX_CHARACTERS))
def test_any_text_is_understood_somehow(text):
    found = said(text)
    assert len(found.wanted) <= MAX_PARTS
    assert len(found.refused) <= MAX_PARTS
    parts = (*found.wanted, *found.refused)
    assert all(any(each.isalnum() for each in part) for part in parts)
    assert not any(control in part for part in parts for control in "\x00\x02\x03\x1f\n")


WORDS = st.sampled_from(["garden", "castles", "rivers", "violins", "chess", "kites"])


@given(st.lists(WORDS, min_size=1, max_size=3, unique=True), st.lists(WORDS, max_size=3))
def test_what_follows_a_no_is_refused_and_what_comes_before_is_wanted(wanted, refused):
    text = " ".join(wanted) + "".join(f", no {word}" for word in refused)
    found = said(text)
    assert found.wanted == (" ".join(wanted),)
    assert found.refused == tuple(dict.fromkeys(refused))


@given(st.integers(1, 999), st.sampled_from(["€", "euros", "$", "dollars"]))
def test_any_price_below_a_number_is_a_bound(number, unit):
    (bound,) = said(f"tea under {number} {unit}").bounds
    assert (bound.quantity, bound.highest) == ("price", number)
    assert bound.currency == ("EUR" if unit in ("€", "euros") else "USD")


@pytest.mark.parametrize("code", ["en", "zh"])
def test_every_phrase_of_a_shift_and_of_others_is_understood_as_one(code):
    rules = language(code)
    for phrase, shift in rules.shifts.items():
        assert shift in said(phrase).shifts, phrase
    for phrase in rules.others:
        assert said(phrase).others, phrase
