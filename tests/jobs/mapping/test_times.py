"""Times and dates of a source."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.core.parsing.json_records import read_time_ms
from jobs.mapping.errors import MappingError, UnreadableValueError
from jobs.mapping.times import (
    TimeRule,
    advice,
    date_reader,
    event_time_reader,
    event_times_reader,
    find_zone,
)

# 2024-02-21 12:10:56.123 UTC, computed by hand from the days since 1970 (19,774).
NOON_MS = 19_774 * 86_400_000 + (12 * 3600 + 10 * 60 + 56) * 1000 + 123
BERLIN = find_zone("Europe/Berlin", "zone")


@pytest.mark.parametrize(
    ("found", "rule"),
    [
        (NOON_MS, TimeRule("ms")),
        (str(NOON_MS), TimeRule("ms")),
        (f"{NOON_MS}456", TimeRule("us")),
        (NOON_MS * 1000 + 456, TimeRule("us")),
        (NOON_MS / 1000, TimeRule("s")),
        (f"{NOON_MS // 1000}.123", TimeRule("s")),
        ("2024-02-21T12:10:56.123Z", TimeRule("rfc3339")),
        ("2024-02-21 12:10:56.123 UTC", TimeRule("rfc3339")),
        ("2024-02-21T13:10:56.123+01:00", TimeRule("rfc3339")),
        ("2024-02-21 13:10:56.123", TimeRule("rfc3339", zone=BERLIN)),
        ("21/02/2024 13:10:56.123", TimeRule(format="%d/%m/%Y %H:%M:%S.%f", zone=BERLIN)),
        ("21/02/2024 14:10:56.123 +0200", TimeRule(format="%d/%m/%Y %H:%M:%S.%f %z")),
        (datetime(2024, 2, 21, 12, 10, 56, 123_000, UTC), TimeRule("s")),
    ],
)
def test_all_ways_to_write_an_instant_give_the_same_milliseconds(
    found: Any, rule: TimeRule
) -> None:
    assert event_time_reader(rule)(found) == NOON_MS
    assert event_times_reader(rule)([found, found]) == [NOON_MS, NOON_MS]


def test_a_zone_knows_summer_time() -> None:
    read = event_time_reader(TimeRule("rfc3339", zone=BERLIN))
    winter, summer = read("2024-01-01 12:00:00"), read("2024-07-01 12:00:00")
    assert winter == datetime(2024, 1, 1, 11, tzinfo=UTC).timestamp() * 1000
    assert summer == datetime(2024, 7, 1, 10, tzinfo=UTC).timestamp() * 1000


@pytest.mark.parametrize(
    "rule", [TimeRule("s"), TimeRule("ms"), TimeRule("us"), TimeRule("rfc3339")]
)
@pytest.mark.parametrize(
    "found", [None, "", "soon", [], {}, True, "nan", "1e99", 10**400, "2024-02-21 12:10:56"]
)
def test_what_is_no_time_is_none(found: Any, rule: TimeRule) -> None:
    assert event_time_reader(rule)(found) is None
    assert event_times_reader(rule)([found]) == [None]


@settings(deadline=None)
@given(
    st.sampled_from(["s", "ms", "us", "rfc3339"]),
    st.lists(
        st.one_of(
            st.integers(-(10**20), 10**20),
            st.integers(0, 2 * 10**12).map(str),
            st.text(max_size=8),
            st.none(),
            st.floats(),
        ),
        max_size=8,
    ),
)
def test_a_batch_is_read_as_its_times_one_by_one(unit: str, found: list[Any]) -> None:
    rule = TimeRule(unit)
    read = event_time_reader(rule)
    assert event_times_reader(rule)(list(found)) == [read(one) for one in found]


@settings(deadline=None)
@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), st.integers(-12, 12))
def test_an_instant_is_the_same_in_every_offset(moment: datetime, hours: int) -> None:
    moment = moment.replace(tzinfo=UTC, microsecond=0)
    there = moment.astimezone(timezone(timedelta(hours=hours)))
    read = event_time_reader(TimeRule("rfc3339"))
    assert read(there.isoformat()) == read(moment.isoformat()) == moment.timestamp() * 1000


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("2024-05-01", "2024-05-01T00:00:00Z"),
        ("2024-05", "2024-05-01T00:00:00Z"),
        ("2024", "2024-01-01T00:00:00Z"),
        (1895, "1895-01-01T00:00:00Z"),
        ("20240501", "2024-05-01T00:00:00Z"),
        (date(2024, 5, 1), "2024-05-01T00:00:00Z"),
        ("2024-05-01 10:00:00", "2024-05-01T10:00:00Z"),
        ("2024-05-01T10:00:00+02:00", "2024-05-01T10:00:00+02:00"),
        (1714557600000, 1714557600000),
        ("1714557600000", 1714557600000),
        (-86_400_000, -86_400_000),
    ],
)
def test_a_date_alone_is_a_day_and_a_year_alone_is_a_year(found: Any, expected: Any) -> None:
    assert date_reader(None)(found) == expected
    assert isinstance(read_time_ms({"at": expected}, "at"), int)


@pytest.mark.parametrize("found", ["soon", "0000", "2024-13-01", "Q3 2024", {}, 1.5, "9" * 30])
def test_a_date_that_cannot_be_read_is_refused(found: Any) -> None:
    with pytest.raises(UnreadableValueError):
        date_reader(None)(found)


@settings(deadline=None)
@given(st.one_of(st.text(max_size=30), st.integers(), st.floats(), st.booleans()))
def test_whatever_a_date_becomes_the_contract_can_read(found: Any) -> None:
    try:
        read = date_reader(None)(found)
    except UnreadableValueError:
        return
    assert isinstance(read_time_ms({"at": read}, "at"), int)


@pytest.mark.parametrize(
    ("samples", "rule", "named"),
    [
        ([NOON_MS], TimeRule("s"), "looks like milliseconds"),
        ([str(NOON_MS)], TimeRule("s"), 'use time_unit = "ms"'),
        ([NOON_MS // 1000], TimeRule("ms"), "looks like seconds"),
        ([f"{NOON_MS}000"], TimeRule("ms"), "looks like microseconds"),
        ([str(NOON_MS)], TimeRule("rfc3339"), "looks like milliseconds"),
        (["2022-06-24 21:20:11"], TimeRule("rfc3339"), "has no offset"),
        (["2022-06-24"], TimeRule(format="%Y-%m-%d"), "has no offset"),
        (["2022-06-24T21:20:11"], TimeRule("s"), 'use time_unit = "rfc3339"'),
        (["24.6.2022"], TimeRule("rfc3339"), "time_format"),
        (["24.6.2022"], TimeRule(format="%Y-%m-%d"), "does not fit"),
    ],
)
def test_a_unit_that_is_plainly_wrong_gets_one_sentence(
    samples: list[Any], rule: TimeRule, named: str
) -> None:
    sentence = advice(samples, rule, "events")
    assert named in sentence
    assert sentence.startswith(("events.", "the time"))


@pytest.mark.parametrize(
    ("samples", "rule"),
    [
        ([], TimeRule("s")),
        ([None], TimeRule("s")),
        ([NOON_MS, NOON_MS // 1000], TimeRule("s")),
        ([0], TimeRule("s")),
        (["garbage", "2022-06-24T21:20:11Z"], TimeRule("rfc3339")),
        # The job reads such a text by itself, so mappings without a unit have worked.
        (["2022-06-24T21:20:11Z"], TimeRule("s")),
    ],
)
def test_a_unit_that_may_be_right_gets_none(samples: list[Any], rule: TimeRule) -> None:
    assert advice(samples, rule, "events") == ""


def test_a_zone_that_does_not_exist_is_named() -> None:
    with pytest.raises(MappingError, match=r'events.time_zone is "CEST"; use the IANA name'):
        find_zone("CEST", "events.time_zone")
