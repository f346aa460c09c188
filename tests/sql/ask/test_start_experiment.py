"""start_experiment(): what is kept of an experiment, and what is refused."""

import json

import psycopg
import pytest

from jobs.core.feedback.contexts import MAX_NAME_CHARS
from tests.sql.experiments import BOLD, PLAIN, start, variant_of


def test_variants_are_kept_with_what_they_change(shop):
    weights = {"few": {"text": 4}, "many": {"neighbors": -1.5}}
    bold = {"variant": "bold", "share": 0.3, "explore": 0, "space": 1, "weights": weights}
    start(shop, PLAIN, bold)
    rows = shop.execute(
        "SELECT variant, number, diversity, explore, space_id, weights"
        " FROM interestream.experiment_variants ORDER BY number"
    ).fetchall()
    assert rows == [("plain", 1, None, None, None, None), ("bold", 2, None, 0, 1, weights)]
    assert shop.execute(
        "SELECT variant, share FROM interestream.experiment_shares ORDER BY share"
    ).fetchall() == [("bold", 0.3), ("plain", 0.5)]


def test_users_are_split_as_the_shares_say(shop):
    start(shop, {"variant": "a", "share": 0.2}, {"variant": "b", "share": 0.5})
    found = [variant_of(shop, f"user{n}") for n in range(1_000)]
    # Within four standard deviations.
    assert 150 <= found.count("a") <= 250
    assert 437 <= found.count("b") <= 563
    assert found.count(None) == 1_000 - found.count("a") - found.count("b")


def test_one_runs_at_a_time_and_no_name_comes_twice(shop):
    start(shop)
    with pytest.raises(psycopg.errors.ObjectInUse, match="trial is running"), shop.transaction():
        start(shop, name="next")
    shop.execute("SELECT interestream.end_experiment()")
    with pytest.raises(psycopg.errors.DuplicateObject, match="already"), shop.transaction():
        start(shop)
    start(shop, name="next")


@pytest.mark.parametrize(
    ("variants", "said"),
    [
        ({"variant": "a"}, "not given as an array"),
        ([PLAIN], "1 variants cannot be compared"),
        ([PLAIN] * 7, "7 variants"),
        ([PLAIN, PLAIN], "two variants have one name"),
        ([PLAIN, {"variant": "b", "share": 0.6}], "more than 1"),
    ],
)
def test_what_cannot_be_compared_is_refused(shop, variants, said):
    with pytest.raises(psycopg.errors.InvalidParameterValue, match=said), shop.transaction():
        shop.execute("SELECT interestream.start_experiment('t', %s)", [json.dumps(variants)])
    assert shop.execute("SELECT count(*) FROM interestream.experiments").fetchone() == (0,)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("'a b', $v$", "'a b'|a b cannot be used"),
        ("NULL, $v$", "null cannot be used"),
        ("'t', NULL", "array"),
        ("'t', $v$, 'both'", "kind both"),
        ("'t', $v$, p_expected_lift => 0", "expected lift 0"),
        ("'t', $v$, p_expected_lift => 'NaN'", "expected lift NaN"),
    ],
)
def test_other_arguments_are_checked(shop, arguments, said):
    variants = f"'{json.dumps([PLAIN, BOLD])}'"
    call = arguments.replace("$v$", variants)
    with pytest.raises(psycopg.errors.InvalidParameterValue, match=said):
        shop.execute(f"SELECT interestream.start_experiment({call})".encode())


def test_interleaving_takes_two_variants(shop):
    three = [{"variant": name, "share": 0.2} for name in "abc"]
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="3 variants"):
        start(shop, *three, kind="interleaving")


def test_the_longest_names_are_whole_in_the_context_of_an_impression(shop):
    name, variant = "e" * 40, "v" * 23
    start(shop, PLAIN, {"variant": variant, "share": 0.1}, name=name)
    assert len(f"{name}/{variant}") <= MAX_NAME_CHARS
    shop.execute("SELECT interestream.end_experiment()")
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="name"), shop.transaction():
        start(shop, name="e" * 41)
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="name"):
        start(shop, PLAIN, {"variant": "v" * 24, "share": 0.1}, name="other")
