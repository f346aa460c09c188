"""Times and numbers of a source."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.datasets.rows import published_at, read_number, read_time_ms


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_the_three_units_name_the_same_instant(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    seconds = round(moment.timestamp())
    assert read_time_ms(str(seconds), "s") == seconds * 1000
    assert read_time_ms(seconds * 1000, "ms") == seconds * 1000
    assert read_time_ms(moment.isoformat(), "rfc3339") == seconds * 1000


@pytest.mark.parametrize("found", ["", None, "soon", "nan", "inf", "1e999999999", [1], {}])
@pytest.mark.parametrize("unit", ["s", "ms", "rfc3339"])
def test_what_is_no_time_is_none(found: object, unit: str) -> None:
    assert read_time_ms(found, unit) is None  # type: ignore[arg-type]


@given(st.text())
def test_any_text_is_a_finite_number_or_none(found: str) -> None:
    number = read_number(found)
    assert number is None or abs(number) < float("inf")


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("Heat (1995)", "1995-01-01T00:00:00Z"),
        ("Heat (1995) ", "1995-01-01T00:00:00Z"),
        ("Series (2006–2007)", "2006-01-01T00:00:00Z"),
        ("Babylon 5", None),
        ("(2000) and more", None),
        (None, None),
    ],
)
def test_the_year_that_ends_a_title_is_its_publication(title: str | None, year: str | None) -> None:
    assert published_at(title) == year
