"""Counters and numbers of dead letters that are off."""

from collections.abc import Callable

import pytest

from bench.verify.compare import Report
from tests.bench.verify.compare.world import printed


@pytest.mark.parametrize(
    ("statement", "figure"),
    [
        ("SET records_in = records_in + 1", "events in"),
        ("SET duplicates = 0, applied = applied + 1", "events: duplicates"),
        ("SET applied = applied + 1", "events: all counters together"),
        ("SET waiting = 0", "events: waiting or unknown_item"),
        ("SET excluded = 1", "events: excluded"),
        ("SET dead_letters = dead_letters - 1", "events: dead letters counted"),
    ],
)
def test_a_counter_that_is_off_is_found(
    report_after: Callable[..., Report], statement: str, figure: str
) -> None:
    report = report_after(f"UPDATE interestream.job_progress {statement} WHERE stream = 'events'")
    assert not report.ok
    assert figure in {one.name for one in report.figures if not one.ok}


def test_a_text_that_was_encoded_twice_is_found(report_after: Callable[..., Report]) -> None:
    report = report_after(
        "UPDATE interestream.job_progress SET records_in = records_in + 1 WHERE stream = 'vectors'"
    )
    assert [one.name for one in report.figures if not one.ok] == ["items: vectors written"]


def test_rows_that_are_still_to_be_written_are_found(report_after: Callable[..., Report]) -> None:
    report = report_after("UPDATE interestream.job_progress SET unwritten = 1")
    assert [one.name for one in report.figures if not one.ok] == [
        "events: users with rows to be written"
    ]


def test_a_missing_dead_letter_is_found(report_after: Callable[..., Report]) -> None:
    report = report_after("DELETE FROM interestream.dead_letters WHERE reason = 'not_json'")
    assert [one.name for one in report.figures if not one.ok] == ["events: dead letters"]


def test_another_reason_for_a_dead_letter_is_shown_but_not_judged(
    report_after: Callable[..., Report],
) -> None:
    report = report_after("UPDATE interestream.dead_letters SET reason = 'unreadable_key'")
    assert report.ok
    assert "unreadable_key" in printed(report)
    assert "not judged" in printed(report)


def test_an_event_whose_item_never_came_may_be_a_dead_letter(
    report_after: Callable[..., Report],
) -> None:
    report = report_after(
        """
        WITH died AS (
            INSERT INTO interestream.dead_letters
                (space_id, epoch, stream, bucket, seq, raw, reason)
            VALUES (7, 1, 'events', 0, 99, '', 'unknown_item')
        )
        UPDATE interestream.job_progress SET waiting = 0, dead_letters = dead_letters + 1
        WHERE stream = 'events'
        """
    )
    assert report.ok, printed(report)


def test_dead_letters_of_an_earlier_job_do_not_count(report_after: Callable[..., Report]) -> None:
    report = report_after(
        "INSERT INTO interestream.dead_letters (space_id, epoch, stream, bucket, seq, raw, reason) "
        "VALUES (7, 0, 'events', 0, 1, '', 'not_json')"
    )
    assert report.ok, printed(report)
