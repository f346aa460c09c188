"""Shifts against the list before."""

from datetime import UTC, datetime

from jobs.asking.languages import quantities
from jobs.core.asking.find_filters import CatalogueWords
from jobs.core.asking.request import Bound, Shift
from jobs.core.asking.shifts import ShownItem, bounds_of_shifts

WORDS = CatalogueWords(numbers=("price", "runtime"))


def shown(*rows):
    return [
        ShownItem({"runtime": minutes, "price": price}, datetime(year, 5, 1, tzinfo=UTC))
        for minutes, price, year in rows
    ]


LIST = shown((90, 10, 1990), (120, 20, 2000), (150, 30, 2010))


def bounds(*shifts, items=LIST, words=WORDS):
    return bounds_of_shifts(shifts, items, words, quantities())


def test_shorter_is_shorter_than_the_middle_of_the_list():
    assert bounds(Shift("duration", False, "short")) == ([Bound("duration", None, 7199.0)], [])


def test_newer_and_older_go_by_the_year():
    assert bounds(Shift("year", True, "new"))[0] == [Bound("year", 2001.0, None)]
    assert bounds(Shift("year", False, "old"))[0] == [Bound("year", None, 1999.0)]


def test_dearer_is_above_the_middle():
    assert bounds(Shift("price", True, "premium"))[0] == [Bound("price", 20.01, None)]


def test_without_the_attribute_or_a_list_the_text_is_wanted():
    short = Shift("duration", False, "short")
    assert bounds(short, words=CatalogueWords()) == ([], ["short"])
    assert bounds(short, items=[]) == ([], ["short"])
    assert bounds(Shift(None, True, "funny")) == ([], ["funny"])


def test_values_that_are_no_numbers_do_not_count():
    items = [ShownItem({"price": value}, None) for value in ("5", True, None, 8)]
    assert bounds(Shift("price", False, "cheap"), items=items)[0] == [Bound("price", None, 7.99)]
