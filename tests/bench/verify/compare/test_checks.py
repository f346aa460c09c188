"""Rows that are missing, added or changed, in every table."""

from collections.abc import Callable

import psycopg
import pytest

from bench.verify.compare import Report, compare, read_prototypes
from bench.verify.recompute import recompute
from tests.bench.verify.builders import NOON_MS, NOW_MS, event, vectors
from tests.bench.verify.compare.world import SPACE, WINDOW, expect, printed


def test_the_right_rows_are_right(report_after: Callable[..., Report]) -> None:
    report = report_after()
    assert report.ok, printed(report)
    assert report.examples == []
    text = printed(report)
    assert "All rows are as the input says." in text
    for line in ("events in", "events: duplicates", "vector component", "users"):
        assert line in text


@pytest.mark.parametrize(
    ("statement", "difference"),
    [
        (f"DELETE FROM interestream.user_windows WHERE {WINDOW}", "windows missing"),
        (
            f"UPDATE interestream.user_windows SET user_id = 'zoe' WHERE {WINDOW}",
            "windows not expected",
        ),
        (
            "UPDATE interestream.user_windows SET as_of = as_of + interval '1 microsecond' "
            f"WHERE {WINDOW}",
            "windows with another as_of",
        ),
        (
            f"UPDATE interestream.user_windows SET embedding = '[1,0]' WHERE {WINDOW}",
            "windows with another dimension",
        ),
        ("DELETE FROM interestream.users WHERE user_id = 'eve'", "users missing"),
        (
            "UPDATE interestream.users SET user_id = 'zoe' WHERE user_id = 'eve'",
            "users not expected",
        ),
        ("UPDATE interestream.users SET events = 3 WHERE user_id = 'bob'", "users different"),
        (
            "UPDATE interestream.users SET last_event_at = last_event_at - interval '1 ms' "
            "WHERE user_id = 'bob'",
            "users different",
        ),
        ("DELETE FROM interestream.user_items WHERE user_id = 'eve'", "user_items missing"),
        (
            "UPDATE interestream.user_items SET item_id = 'mars' WHERE user_id = 'eve'",
            "user_items not expected",
        ),
        ("DELETE FROM interestream.shown_items WHERE user_id = 'eve'", "shown_items missing"),
        (
            "UPDATE interestream.shown_items SET item_id = 'mars' WHERE user_id = 'eve'",
            "shown_items not expected",
        ),
        (
            "UPDATE interestream.shown_items SET shown_at = shown_at || now() "
            "WHERE user_id = 'eve'",
            "shown_items different",
        ),
        ("UPDATE interestream.click_counts SET clicks = 0", "click-through different"),
        ("UPDATE interestream.click_counts SET place = 3", "click-through different"),
        ("UPDATE interestream.items SET title = 'Mars' WHERE item_id = 'up'", "items different"),
        (
            "UPDATE interestream.items SET available = false WHERE item_id = 'up'",
            "items different",
        ),
        (
            "UPDATE interestream.items SET representative = 'east' WHERE item_id = 'up'",
            "items: other representative",
        ),
        ("DELETE FROM interestream.items WHERE item_id = 'up'", "items missing"),
        (
            "UPDATE interestream.items SET item_id = 'mars' WHERE item_id = 'up'",
            "items not expected",
        ),
        (
            "DELETE FROM interestream.item_vectors WHERE item_id = 'up'",
            "items without a vector",
        ),
        (
            f"UPDATE interestream.user_windows SET weight = 0.00009 WHERE {WINDOW}",
            "windows below the least weight",
        ),
        *(
            (
                f"UPDATE interestream.user_items SET {change} "
                "WHERE user_id = 'bob' AND item_id = 'east'",
                "user_items different",
            )
            for change in (
                "actions = actions | 2",
                "actions = actions | (1::bigint << 62)",
                "actions = actions & ~1::bigint",
                "first_at = first_at - interval '1 ms'",
                "last_at = last_at + interval '1 microsecond'",
                "signal = -signal",
                "signal = NULL",
                "signal = 'NaN'",
                "signal_at = signal_at + interval '1 ms'",
                "signal_key = signal_key + 1",
            )
        ),
    ],
)
def test_a_row_that_differs_is_found(
    report_after: Callable[..., Report], statement: str, difference: str
) -> None:
    report = report_after(statement)
    assert not report.ok
    assert {name for name, rows in report.differences.items() if rows} >= {difference}
    assert any(line.startswith(difference) for line in report.examples)
    assert "DIFFERS" in printed(report)


def test_users_whose_windows_the_input_does_not_decide_are_counted_and_not_judged(
    report_after: Callable[..., Report],
) -> None:
    # The first like is older than the 64 remembered ones when it is undone.
    events = [
        event(0, "like", NOON_MS - 1, "up"),
        *(event(n, "like", NOON_MS + n, "east") for n in range(1, 65)),
        event(90, "unlike", NOON_MS + 90, "up"),
    ]
    report = report_after(
        f"UPDATE interestream.user_windows SET weight = 7 WHERE {WINDOW}",
        expected=expect([*events]),
    )
    assert report.ok, printed(report)
    assert "users whose windows the input does not decide" in printed(report)


def test_forgotten_users_must_have_no_dead_letters(report_after: Callable[..., Report]) -> None:
    expected = expect(control=({"user_id": "bob", "command": "forget"},))
    letter = (
        "INSERT INTO interestream.dead_letters"
        " (space_id, epoch, stream, bucket, seq, raw, reason, user_id) "
        "VALUES (7, 0, 'events', 0, 1, '', 'not_json', 'bob')"
    )
    report = report_after(letter, expected=expected)
    assert [one.name for one in report.figures if not one.ok] == ["dead letters of forgotten users"]


def test_another_space_is_not_compared(report_after: Callable[..., Report], dsn: str) -> None:
    assert report_after().ok
    report = compare(expect(), dsn, SPACE + 1)
    assert report.differences["windows missing"] == len(expect().windows.keys)
    assert report.differences["user_items missing"] == 0


def test_no_rows_agree_with_no_rows(dsn: str) -> None:
    empty = recompute([], [], vectors=vectors, now_ms=NOW_MS)
    assert empty.windows.units.shape == (0, 0)
    assert compare(empty, dsn, SPACE).ok


def test_rows_come_in_more_than_one_piece(
    report_after: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.verify.compare.stored.ROWS_AT_ONCE", 2)
    assert report_after().ok


def test_the_sentences_of_a_space_are_read_as_they_are_stored(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "INSERT INTO interestream.spaces "
            "(bundle_name, bundle_version, bundle_sha256, dim, mean) VALUES ('b', '1', '', 3, "
            "'{0,0,0}')"
        )
        connection.execute(
            "INSERT INTO interestream.sentiment_prototypes VALUES "
            "(1, 'en', 1, 'good', '[1,0,0]', ''), (1, 'en', -1, 'bad', '[0.5,-0.5,0]', ''), "
            "(1, 'en', 0, 'not encoded yet', NULL, NULL)"
        )
        found = read_prototypes(connection, 1)
    by_polarity = dict(zip(found.polarity.tolist(), found.vectors.tolist(), strict=True))
    assert by_polarity == {1: [1.0, 0.0, 0.0], -1: [0.5, -0.5, 0.0]}
