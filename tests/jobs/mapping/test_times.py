"""Times and dates of a source."""

import time
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.core.parsing.json_records import read_time_ms
from jobs.mapping.errors import MappingError, UnreadableValueError
from jobs.mapping.options import table_times, time_rule
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
        (f"{NOON_MS}456789", TimeRule("ns")),
        (NOON_MS * 1_000_000 + 456_789, TimeRule("ns")),
        ("2024-02-21T12:10:56.123Z[UTC]", TimeRule("rfc3339", zone=BERLIN)),
        ("2024-02-21T13:10:56.123+01:00[Europe/Berlin]", TimeRule("rfc3339")),
        ("2024-02-21 12:10:56.123 GMT", TimeRule("rfc3339", zone=BERLIN)),
        ("2024-02-21 12:10:56.123 Z", TimeRule("rfc3339")),
        ("2024-02-21 12:10:56.123 UTC", TimeRule(format="%Y-%m-%d %H:%M:%S.%f %Z", zone=BERLIN)),
        ("2024-02-21 13:10:56.123 CET", TimeRule(format="%Y-%m-%d %H:%M:%S.%f %Z", zone=BERLIN)),
        (
            "01:10:56.123 pm CET 21/02/24",
            TimeRule(format="%I:%M:%S.%f %p %Z %d/%m/%y", zone=BERLIN),
        ),
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
    "found",
    [None, "", "soon", [], {}, True, "nan", "1e99", 10**400, "2024-02-21 12:10:56", "1_708_523"],
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


@pytest.mark.parametrize(
    "found",
    [
        *("soon", "0000", "2024-13-01", "Q3 2024", {}, 1.5, "9" * 30),
        # Beyond the years 1 to 9999, such as microseconds: the item would die of its date.
        *(253_402_300_800_000, "999999999999999", -62_135_596_800_001),
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    ],
)
def test_a_date_that_cannot_be_read_is_refused(found: Any) -> None:
    with pytest.raises(UnreadableValueError):
        date_reader(None)(found)


@pytest.mark.parametrize("unit", ["s", "ms"])
def test_a_date_in_another_unit_than_the_mapping_says_is_refused(unit: str) -> None:
    with pytest.raises(UnreadableValueError):
        date_reader(TimeRule(unit))(999_999_999_999_999)


@pytest.mark.parametrize("rule", [TimeRule("rfc3339", zone=UTC), TimeRule(format="%d.%m.%Y %Z")])
@pytest.mark.parametrize("part", [" ", "ab ", "UTC "])
def test_a_very_long_text_is_no_time_and_costs_no_more_than_its_length(
    rule: TimeRule, part: str
) -> None:
    started = time.process_time()
    assert event_time_reader(rule)("2024" + part * (250_000 // len(part)) + "x") is None
    assert time.process_time() - started < 5


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


# 2024-01-01 is day 45,292 of a spreadsheet: 1970-01-01 is 25,569, and 19,723 days lie between.
@pytest.mark.parametrize("found", ["45292.75", "45292,75", 45292.75])
def test_days_of_a_spreadsheet_are_times_of_its_zone(found: Any) -> None:
    at_six_in_the_evening = (19_723 * 24 + 18) * 3_600_000
    assert event_time_reader(TimeRule("excel", zone=UTC))(found) == at_six_in_the_evening
    assert event_time_reader(TimeRule("excel", zone=BERLIN))(found) == (
        at_six_in_the_evening - 3_600_000
    )
    assert date_reader(TimeRule("excel"))(found) == at_six_in_the_evening
    assert event_time_reader(TimeRule("excel"))(found) is None


@pytest.mark.parametrize("found", ["CEST", "nan", "1e400", "-1e12", "", "2024-01-01", "45_292"])
def test_what_is_no_day_of_a_spreadsheet_is_none(found: Any) -> None:
    assert event_time_reader(TimeRule("excel", zone=UTC))(found) is None


def test_a_zone_that_a_time_names_is_never_taken_for_another_one() -> None:
    read = event_time_reader(TimeRule(format="%Y-%m-%d %H:%M:%S %Z", zone=BERLIN))
    assert (
        read("2024-07-01 12:00:00 CEST") == datetime(2024, 7, 1, 10, tzinfo=UTC).timestamp() * 1e3
    )
    # An hour that summer time has twice.
    assert (
        read("2024-10-27 02:30:00 CEST")
        == datetime(2024, 10, 27, 0, 30, tzinfo=UTC).timestamp() * 1e3
    )
    assert (
        read("2024-10-27 02:30:00 CET")
        == datetime(2024, 10, 27, 1, 30, tzinfo=UTC).timestamp() * 1e3
    )
    assert read("2024-07-01 12:00:00 EST") is None
    assert read("2024-07-01 12:00:00") is None
    iso = event_time_reader(TimeRule("rfc3339", zone=BERLIN))
    assert iso("2024-07-01 12:00:00 EST") is None
    assert iso("2024-07-01T12:00:00[America/New_York]") is None


@pytest.mark.parametrize("pattern", ["%Q", "%d.%d.%Y", "100%", "%e.%m.%Y", "%-d.%m.%Y"])
def test_a_pattern_that_no_time_can_be_read_by_is_refused(pattern: str) -> None:
    with pytest.raises(
        MappingError, match=r"items\.published_at\.format is .* no pattern of strptime"
    ):
        time_rule({"format": pattern}, TimeRule(), "items.published_at", "items")
    with pytest.raises(MappingError, match=r"events\.time_format is .* no pattern of strptime"):
        table_times("s", pattern, None, "events")


@pytest.mark.parametrize(
    ("found", "rule", "advised"),
    [
        ("1708517456123456789", TimeRule("ms"), 'use time_unit = "ns"'),
        (1708517456123456, TimeRule("ns"), 'use time_unit = "us"'),
        ("45292.75", TimeRule("s"), 'use time_unit = "excel", with time_zone'),
        ("45292,75", TimeRule("s"), 'use time_unit = "excel", with time_zone'),
        ("20240501123000", TimeRule("s"), 'time_format = "%Y%m%d%H%M%S", with time_zone'),
        (20240501123000, TimeRule("ms"), 'time_format = "%Y%m%d%H%M%S", with time_zone'),
        ("202405011230", TimeRule("rfc3339"), 'time_format = "%Y%m%d%H%M", with time_zone'),
        ("45292.75", TimeRule("excel"), "name its zone in events.time_zone"),
        ("1708517456", TimeRule("excel"), 'use time_unit = "s"'),
        ("2024-05-01 12:00:00 CEST", TimeRule("rfc3339"), "%H:%M:%S %Z"),
        ("1 May 12h EST", TimeRule(format="%d %b %Hh %Z", zone=BERLIN), "one of events.time_zone"),
    ],
)
def test_advice_names_the_key_that_such_times_need(
    found: Any, rule: TimeRule, advised: str
) -> None:
    assert advised in advice([found], rule, "events")
