"""Numbers, truth values, texts, HTML."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.mapping.errors import UnreadableValueError
from jobs.mapping.html_text import html_text
from jobs.mapping.values import as_names, as_text, number_reader, truth_reader


@pytest.mark.parametrize(
    ("found", "number"),
    [
        ("4,5", 4.5),
        ("1.234,50", 1234.5),
        ("1 234,5", 1234.5),
        ("7", 7.0),
        (4.5, 4.5),
        ("-2,5", -2.5),
    ],
)
def test_a_decimal_comma_is_read_where_the_mapping_says_so(found: Any, number: float) -> None:
    assert number_reader(",")(found) == number


@pytest.mark.parametrize(
    ("found", "decimal", "number"),
    [
        ("€ 1.234,50", ",", 1234.5),
        ("12,00 €", ",", 12.0),
        ("EUR 7,5", ",", 7.5),
        ("-3,20€", ",", -3.2),
        ("R$ 1.234.567,89", ",", 1234567.89),
        ("$1,234.50", ".", 1234.5),
        ("US$ 3", None, 3.0),
        ("-$3", None, -3.0),
        ("$-3", None, -3.0),
        ("4.50 USD", None, 4.5),
        ("£ 4", None, 4.0),
        ("1'234.50 CHF", None, 1234.5),
        ("1 234.5", None, 1234.5),
        ("₹12,34,567", ".", 1234567.0),
        ("1.5e3", None, 1500.0),
    ],
)
def test_a_price_is_read_with_its_currency_and_its_groups_of_digits(
    found: str, decimal: str | None, number: float
) -> None:
    assert number_reader(decimal)(found) == number


@pytest.mark.parametrize(
    ("found", "decimal"),
    [
        ("3.5", ","),
        ("1.23,4", ","),
        ("1.2345,6", ","),
        ("1.234 567,8", ","),
        ("1,234.50", ","),
        ("1,234", None),
        ("$1,234", None),
        ("4,5", "."),
        ("1,2,345", "."),
        ("4 stars", None),
        ("4/5", None),
        ("10 kg", None),
        ("--3", None),
        ("-$-3", None),
        ("$", None),
        ("3 $ 4", None),
        ("3-5", None),
        (",", ","),
    ],
)
def test_digits_that_could_mean_another_number_are_none(found: str, decimal: str | None) -> None:
    assert number_reader(decimal)(found) is None


def test_a_factor_is_applied_to_the_number() -> None:
    assert number_reader(".", 0.5)("9") == 4.5


def test_a_number_that_its_factor_makes_infinite_is_none() -> None:
    assert number_reader(factor=10)("1e308") is None
    assert number_reader(factor=0.5)(1e308) == 5e307


@pytest.mark.parametrize("text", ["1" + " " * 250_000 + "x", "1" + "," * 250_000 + "x"])
@pytest.mark.parametrize("decimal", [None, ".", ","])
def test_a_very_long_text_is_no_number_and_costs_no_more_than_its_length(
    text: str, decimal: str | None
) -> None:
    started = time.process_time()
    assert number_reader(decimal)(text) is None
    assert time.process_time() - started < 5


@pytest.mark.parametrize("found", ["4,5", "four", "nan", "inf", "", None, [], 10**400, "1_0", True])
def test_what_is_no_finite_number_is_none(found: Any) -> None:
    assert number_reader()(found) is None


@pytest.mark.parametrize(
    ("found", "truth"),
    [(True, True), ("TRUE", True), ("yes", True), ("1", True), (1, True), ("12", True),
     (0.0, False), (False, False), ("no", False), ("0", False), (0, False), ("-1", False)],
)  # fmt: skip
def test_truth_is_read_from_words_and_numbers(found: Any, truth: bool) -> None:
    assert truth_reader(None, negated=False)(found) is truth
    assert truth_reader(None, negated=True)(found) is not truth


def test_listed_texts_mean_true_and_all_others_do_not() -> None:
    read = truth_reader(["active"], negated=False)
    assert [read(text) for text in ("Active", "draft", "archived", True)] == [
        True,
        False,
        False,
        False,
    ]


def test_a_word_of_no_known_truth_is_refused() -> None:
    with pytest.raises(UnreadableValueError):
        truth_reader(None, negated=False)("maybe")


@pytest.mark.parametrize(
    ("found", "names"),
    [
        ("a|b | |c", ["a", "b", "c"]),
        (["a|b", ["c"], None, ""], ["a|b", "c"]),
        (5, ["5"]),
    ],
)
def test_names_are_split_or_taken_from_lists(found: Any, names: list[str]) -> None:
    assert as_names(found, "|") == names


def test_an_object_is_no_text() -> None:
    with pytest.raises(UnreadableValueError):
        as_text([{"a": 1}])


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>Holds <b>300&nbsp;ml</b>.</p><style>p{color:red}</style>", "Holds 300 ml."),
        ("one<br>two<br/>three", "one two three"),
        ("<ul><li>a</li><li>b</li></ul>", "a b"),
        ("<script>alert('<p>no</p>')</script>yes", "yes"),
        ("Soap &amp; Cr&egrave;me", "Soap & Crème"),
        ("3 < 4 &lt;b&gt;", "3 < 4 <b>"),
        ("<!-- hidden -->shown<!doctype html>", "shown"),
        ("<p title='a>b'>text", "text"),
        ("<p title=it's>text</p>", "text"),
        ("a<script/>b", "a b"),
        ("<style>p > a {}</style >c", "c"),
        ("one</ div>two", "one two"),
        ("<![if !IE]>old<![endif]><![CDATA[<b>]]>", "old"),
        ("<![ 5 <! 6 <b", "<![ 5 <! 6 <b"),
        ("<![ 5", "<![ 5"),
        ("<a href='x>text</a>", "<a href='x>text"),
    ],
)
def test_html_becomes_the_text_that_is_shown(source: str, text: str) -> None:
    assert html_text(source) == text


@settings(deadline=None)
@given(st.text(st.sampled_from("<>/&;![]-=\"' abcpstyle#x0\n"), max_size=60))
def test_no_html_stops_the_reader(source: str) -> None:
    found = html_text(source)
    assert found == " ".join(found.split())


@pytest.mark.parametrize("part", ["<a ", "<a/", "<a b='", "<!--", "<![", "<![CDATA[", "</", "<?"])
@pytest.mark.parametrize("end", ["", ">", "'>"])
def test_html_that_never_closes_costs_no_more_than_its_length(part: str, end: str) -> None:
    source = part * (250_000 // len(part)) + end
    started = time.process_time()
    html_text(source)
    # A look from each mark to the end takes many minutes.
    assert time.process_time() - started < 5


@settings(deadline=None)
@given(st.lists(st.text("abc ", min_size=1, max_size=5), max_size=4))
def test_text_between_tags_is_kept(words: list[str]) -> None:
    source = "".join(f"<p>{word}</p>" for word in words)
    assert html_text(source).split() == " ".join(words).split()
