"""The packaged rules: what each table must hold."""

import pytest

from jobs.asking.languages import language, languages, quantities

CODES = [each.code for each in languages()]


def test_english_reads_what_no_other_language_recognises():
    assert CODES[-1] == "en"
    assert not any(each.found_in("1234") for each in languages())


@pytest.mark.parametrize("code", CODES)
def test_every_table_has_entries_and_no_phrase_twice(code):
    rules = language(code)
    for name in ("fillers", "refusals", "not_refusals", "nouns", "absences", "like", "others"):
        phrases = getattr(rules, name)
        assert phrases, name
        assert len(set(phrases)) == len(phrases), name


@pytest.mark.parametrize("code", CODES)
def test_places_in_phrases_are_known(code):
    rules = language(code)
    for phrases in rules.bounds.values():
        for phrase in phrases:
            assert rules.phrases.one(phrase)
    assert all("{}" in absence for absence in rules.absences)
    assert all(phrase.count("{ordinal}") == 1 for phrase in (*rules.like, *rules.unlike))


@pytest.mark.parametrize("code", CODES)
def test_quantities_of_units_and_shifts_are_those_that_attributes_can_hold(code):
    rules = language(code)
    known = {*quantities(), "year"}
    assert {unit.quantity for unit in rules.units.values()} <= known
    assert {shift.quantity for shift in rules.shifts.values()} <= {*known, None}


@pytest.mark.parametrize(
    ("word", "singular"),
    [("movies", "movie"), ("comedies", "comedy"), ("boxes", "box"), ("war", "war"), ("gas", "gas")],
)
def test_english_plurals_have_a_singular(word, singular):
    assert language("en").singular(word) == singular
