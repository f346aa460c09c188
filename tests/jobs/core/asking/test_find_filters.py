"""Filters where the catalogue names what is asked for."""

import pytest

from jobs.asking.languages import language, quantities
from jobs.core.asking.find_filters import CatalogueWords, Filters, Range, find_filters
from jobs.core.asking.request import Bound

FILMS = CatalogueWords(("Comedy", "Horror", "Sci-Fi", "Children", "War", "Film-Noir", "Short"))
SHOP = CatalogueWords(
    ("book",),
    numbers=("price", "runtime", "pages"),
    texts={"format": ("paperback", "audio"), "currency": ("EUR", "USD")},
)


def found(wanted=(), refused=(), bounds=(), words=FILMS, code="en"):
    return find_filters(wanted, refused, bounds, words, language(code), quantities())


@pytest.mark.parametrize(
    ("part", "code", "categories"),
    [
        ("comedy", "en", ("Comedy",)),
        ("comedies about cooking", "en", ("Comedy",)),
        ("sci-fi films", "en", ("Sci-Fi",)),
        ("sci fi comedy", "en", ("Comedy", "Sci-Fi")),
        ("films about Warsaw", "en", ()),
        ("something scary", "en", ()),
        ("喜剧片", "zh", ("Comedy",)),
        ("搞笑的战争片", "zh", ("Comedy", "War")),
        ("Horror片", "zh", ("Horror",)),
    ],
)
def test_a_wanted_part_asks_for_the_categories_whose_names_are_in_it(part, code, categories):
    assert set(found([part], code=code).categories) == set(categories)


@pytest.mark.parametrize(
    ("part", "code", "categories"),
    [
        ("horror", "en", ("Horror",)),
        ("Horror movies", "en", ("Horror",)),
        ("scary stuff", "en", ("Horror",)),
        ("science fiction", "en", ("Sci-Fi",)),
        ("kids", "en", ("Children",)),
        ("war crimes", "en", ()),
        ("恐怖片", "zh", ("Horror",)),
        ("吓人的", "zh", ("Horror",)),
        ("科幻", "zh", ("Sci-Fi",)),
    ],
)
def test_a_refused_part_leaves_out_the_category_that_it_names(part, code, categories):
    assert found(refused=[part], code=code).not_categories == categories


@pytest.mark.parametrize(
    ("part", "categories"),
    [
        ("书", ("book",)),
        ("电影", ("film",)),
        ("关于太空的电影", ("film",)),
        ("课程", ("Courses",)),
        ("关于秘书", ()),
    ],
)
def test_kinds_of_things_filter_in_chinese_as_in_english(part, categories):
    words = CatalogueWords(("book", "film", "Courses"))
    assert found([part], words=words, code="zh").categories == categories
    assert found(refused=[part], words=words, code="zh").not_categories == categories


def test_what_is_refused_is_not_asked_for():
    assert found(["horror comedy"], ["horror"]) == Filters(("Comedy",), ("Horror",))


def test_a_refused_value_of_an_attribute_is_left_out():
    assert found(refused=["audio"], words=SHOP).not_attributes == {"format": ("audio",)}


def test_bounds_become_ranges_in_the_unit_of_the_attribute():
    told = found(bounds=[Bound("duration", 3600, 5400), Bound("pages", None, 300)], words=SHOP)
    assert told.ranges == {"runtime": Range(60, 90), "pages": Range(None, 300)}


def test_a_price_in_a_currency_asks_for_that_currency_where_items_tell_theirs():
    told = found(bounds=[Bound("price", None, 20, "EUR")], words=SHOP)
    assert (told.ranges, told.attributes) == ({"price": Range(None, 20)}, {"currency": "EUR"})
    own = CatalogueWords(numbers=("price_usd", "price_eur"))
    assert found(bounds=[Bound("price", None, 20, "EUR")], words=own).ranges == {
        "price_eur": Range(None, 20)
    }
    assert found(bounds=[Bound("price", None, 20, "GBP")], words=own).unknown == ("price",)


def test_years_are_the_common_part_of_all_bounds():
    told = found(bounds=[Bound("year", 1980, None), Bound("year", None, 1985)])
    assert (told.first_year, told.last_year) == (1980, 1985)


def test_a_quantity_that_no_attribute_holds_is_told():
    assert found(bounds=[Bound("price", None, 20, "EUR")]).unknown == ("price",)
