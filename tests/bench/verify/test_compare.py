"""The comparison against rows that the test writes: the right ones, and each way to be wrong."""

import io
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import psycopg
import pytest
from rich.console import Console

from bench.verify.compare import Report, Tolerance, compare, read_prototypes
from bench.verify.recompute import ACTIONS, Counts, Expected, Record, recompute
from tests.bench.verify.builders import DAY_MS, NOON_MS, NOW_MS, catalogue, event, vectors

SPACE = 7
EPOCH = 1
BITS = {action: bit for bit, action in enumerate(ACTIONS)}

EVENTS: list[Record] = [
    event(1, "like", NOON_MS - 3 * DAY_MS, "slant"),
    event(2, "view", NOON_MS, "up"),
    event(2, "view", NOON_MS, "up"),
    event(3, "dislike", NOON_MS + 5, "west"),
    event(4, "like", NOON_MS, "east", user="bob"),
    event(5, "impression", NOON_MS, "east", user="bob"),
    event(6, "impression", NOON_MS, "east", user="eve"),
    event(7, "like", NOON_MS, "nowhere"),
    event(8, "vanish", NOON_MS, "east"),
    b"{",
]


def expect(events: list[Record] = EVENTS, control: tuple[Record, ...] = ()) -> Expected:
    return recompute(catalogue(), events, control, vectors=vectors, now_ms=NOW_MS)


def write(dsn: str, expected: Expected) -> None:
    """What a job without faults would leave behind."""
    with psycopg.connect(dsn) as connection:
        cursor = connection.cursor()
        cursor.executemany(
            "INSERT INTO interestream.actions VALUES (%s, %s, %s, %s, true)",
            [(name, BITS[name], action.weight, action.sign) for name, action in ACTIONS.items()],
        )
        windows = expected.windows
        cursor.executemany(
            "INSERT INTO interestream.user_windows VALUES "
            "(%s, %s, %s, %s::real[]::halfvec, %s, to_timestamp(%s / 1000.0), %s, 1)",
            [
                (SPACE, *key, unit.tolist(), float(weight), int(as_of), EPOCH)
                for key, unit, weight, as_of, agreement in zip(
                    windows.keys,
                    windows.units,
                    windows.weights,
                    windows.as_of_ms,
                    windows.agreement,
                    strict=True,
                )
                if agreement > 0
            ],
        )
        cursor.executemany(
            "INSERT INTO interestream.users (space_id, user_id, events, last_event_at, epoch, "
            "version) VALUES (%s, %s, %s, to_timestamp(%s / 1000.0), %s, 1)",
            [
                (SPACE, user_id, user.events, user.last_event_ms, EPOCH)
                for user_id, user in expected.users.items()
            ],
        )
        cursor.executemany(
            "INSERT INTO interestream.user_items VALUES (%s, %s, %s, to_timestamp(%s / 1000.0), "
            "to_timestamp(%s / 1000.0), %s, to_timestamp(%s / 1000.0), %s)",
            [
                (
                    *key,
                    sum(1 << BITS[action] for action in both.actions),
                    both.first_ms,
                    both.last_ms,
                    both.signal,
                    both.signal_ms,
                    both.signal_key,
                )
                for key, both in expected.user_items.items()
            ],
        )
        cursor.executemany(
            "INSERT INTO interestream.items (item_id, title, available, epoch, version) "
            "VALUES (%s, %s, %s, 1, 1)",
            [(item_id, *said) for item_id, said in expected.items.items()],
        )
        cursor.execute(
            "CREATE TABLE interestream.item_vectors_7 PARTITION OF interestream.item_vectors "
            "FOR VALUES IN (7)"
        )
        cursor.executemany(
            "INSERT INTO interestream.item_vectors VALUES (%s, %s, '[1,0,0]', 1, 1)",
            [(SPACE, item_id) for item_id in expected.items],
        )
        letters = [pair for pair, count in expected.dead_letters.items() for _ in range(count)]
        cursor.executemany(
            "INSERT INTO interestream.dead_letters"
            " (space_id, epoch, stream, bucket, seq, raw, reason) "
            "VALUES (%s, %s, %s, 0, %s, '', %s)",
            [(SPACE, EPOCH, stream, seq, reason) for seq, (stream, reason) in enumerate(letters)],
        )
        cursor.executemany(
            "INSERT INTO interestream.job_progress VALUES (%(space)s, %(stream)s, 0, %(epoch)s, "
            "%(records_in)s, %(duplicates)s, %(dead_letters)s, %(waiting)s, %(applied)s, "
            "%(excluded)s)",
            [
                {"space": SPACE, "stream": stream, "epoch": EPOCH, **asdict(counts)}
                for stream, counts in (
                    *expected.counts.items(),
                    ("vectors", Counts(expected.counts["items"].applied)),
                )
                if stream != "control"
            ],
        )


@pytest.fixture
def report_after(dsn: str) -> Callable[..., Report]:
    """Write what is expected, change it by one statement, compare."""

    def after(statement: str = "", parameters: tuple[Any, ...] = (), **more: Any) -> Report:
        expected = more.pop("expected", None) or expect()
        write(dsn, expected)
        if statement:
            with psycopg.connect(dsn) as connection:
                changed = connection.execute(statement.encode(), parameters).rowcount
                assert changed > 0, "the statement changed nothing"
        return compare(expected, dsn, SPACE, **more)

    return after


def said(report: Report) -> str:
    console = Console(file=io.StringIO(), width=140)
    report.print(console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_right_rows_are_right(report_after: Callable[..., Report]) -> None:
    report = report_after()
    assert report.ok, said(report)
    assert report.examples == []
    text = said(report)
    assert "All rows are as the input says." in text
    for line in ("events in", "events: duplicates", "vector component", "users"):
        assert line in text


WINDOW = "user_id = 'ada' AND kind = 'month'"


@pytest.mark.parametrize(
    ("statement", "difference"),
    [
        (f"DELETE FROM interestream.user_windows WHERE {WINDOW}", "windows missing"),
        (
            f"UPDATE interestream.user_windows SET user_id = 'zoe' WHERE {WINDOW}",
            "windows nobody expects",
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
            "users nobody expects",
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
            "user_items nobody expects",
        ),
        ("UPDATE interestream.items SET title = 'Mars' WHERE item_id = 'up'", "items different"),
        (
            "UPDATE interestream.items SET available = false WHERE item_id = 'up'",
            "items different",
        ),
        ("DELETE FROM interestream.items WHERE item_id = 'up'", "items missing"),
        (
            "UPDATE interestream.items SET item_id = 'mars' WHERE item_id = 'up'",
            "items nobody expects",
        ),
        (
            "DELETE FROM interestream.item_vectors WHERE item_id = 'up'",
            "items without a vector",
        ),
        (
            f"UPDATE interestream.user_windows SET weight = 0.00009 WHERE {WINDOW}",
            "windows that weigh nothing",
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
    assert "DIFFERS" in said(report)


@pytest.mark.parametrize(
    ("change", "measures"),
    [
        ("embedding = '[1,0,0]'", {"vector component", "1 - cosine"}),
        ("embedding = embedding * '[1.01,1.01,1.01]'::halfvec", {"vector component"}),
        ("embedding = '[0,0,0]'", {"vector component", "1 - cosine"}),
        ("weight = weight * 1.0002", {"relative weight"}),
        ("weight = 'NaN'", {"relative weight"}),
    ],
)
def test_a_number_that_is_off_is_found_where_it_is(
    report_after: Callable[..., Report], change: str, measures: set[str]
) -> None:
    report = report_after(f"UPDATE interestream.user_windows SET {change} WHERE {WINDOW}")
    assert not report.ok
    beyond = {one.measure: one for one in report.deviations if not one.ok}
    assert beyond.keys() == measures
    for one in beyond.values():
        assert one.where == "user 'ada', month"
        assert one.rows_beyond == 1


def test_rounding_is_no_deviation(report_after: Callable[..., Report]) -> None:
    report = report_after(
        "UPDATE interestream.user_windows SET weight = weight * 1.00005, "
        "embedding = embedding * '[1.001,1.001,1.001]'::halfvec"
    )
    assert report.ok, said(report)


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


UNDONE = [
    *(event(n, "like", NOON_MS + n, "east") for n in range(40)),
    event(90, "unlike", NOON_MS + 90, "east"),
    event(91, "dwell", NOON_MS + 91, "up", value=0.6),
]
"""A hundredth is left of 120."""


@pytest.mark.parametrize(("off", "ok"), [(1e-4, True), (4e-4, False)])
def test_what_is_left_after_undoing_may_be_off_by_what_rounding_leaves(
    report_after: Callable[..., Report], off: float, ok: bool
) -> None:
    # Slack: 2 * 120 millionths; beside it the weight of 0.01 may be off by a millionth.
    changed = f"UPDATE interestream.user_windows SET weight = weight + %s WHERE {WINDOW}"
    report = report_after(changed, (off,), expected=expect([*UNDONE]))
    assert report.ok is ok, said(report)


def test_users_of_whom_the_input_decides_nothing_are_counted_and_not_judged(
    report_after: Callable[..., Report],
) -> None:
    # The first like is older than the 64 that are remembered when it is taken back.
    events = [
        event(0, "like", NOON_MS - 1, "up"),
        *(event(n, "like", NOON_MS + n, "east") for n in range(1, 65)),
        event(90, "unlike", NOON_MS + 90, "up"),
    ]
    report = report_after(
        f"UPDATE interestream.user_windows SET weight = 7 WHERE {WINDOW}",
        expected=expect([*events]),
    )
    assert report.ok, said(report)
    assert "users whose windows the input does not decide" in said(report)


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
    told = dict(zip(found.polarity.tolist(), found.vectors.tolist(), strict=True))
    assert told == {1: [1.0, 0.0, 0.0], -1: [0.5, -0.5, 0.0]}


def test_a_missing_dead_letter_is_found(report_after: Callable[..., Report]) -> None:
    report = report_after("DELETE FROM interestream.dead_letters WHERE reason = 'not_json'")
    assert [one.name for one in report.figures if not one.ok] == ["events: dead letters"]


def test_another_reason_for_a_dead_letter_is_shown_but_not_judged(
    report_after: Callable[..., Report],
) -> None:
    report = report_after("UPDATE interestream.dead_letters SET reason = 'unreadable_key'")
    assert report.ok
    assert "unreadable_key" in said(report)
    assert "not judged" in said(report)


def test_an_event_that_waited_in_vain_may_have_died(report_after: Callable[..., Report]) -> None:
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
    assert report.ok, said(report)


def test_dead_letters_of_an_earlier_job_do_not_count(report_after: Callable[..., Report]) -> None:
    report = report_after(
        "INSERT INTO interestream.dead_letters (space_id, epoch, stream, bucket, seq, raw, reason) "
        "VALUES (7, 0, 'events', 0, 1, '', 'not_json')"
    )
    assert report.ok, said(report)


OPPOSED = [event(1, "view", NOON_MS, "east"), event(2, "view", NOON_MS, "west")]


def test_a_sum_that_cancels_out_may_be_missing_or_point_anywhere(
    report_after: Callable[..., Report],
) -> None:
    expected = expect([*OPPOSED])
    report = report_after(
        "INSERT INTO interestream.user_windows VALUES "
        "(7, 'ada', 'session', '[0,0,1]', 2, to_timestamp(%s / 1000.0), 1, 1)",
        (NOON_MS,),
        expected=expected,
    )
    assert expected.windows.agreement[expected.windows.rows["ada", "session"]] == 0
    assert ("ada", "day") in expected.windows.rows  # cancels out too, and has no row at all
    assert report.ok, said(report)


def test_the_limits_of_a_vector_widen_as_its_sum_cancels(
    report_after: Callable[..., Report],
) -> None:
    # 100 * East + 98 * West: |S| / weight is about 0.01
    events = [
        *(event(n, "view", NOON_MS, "east") for n in range(100)),
        *(event(n, "view", NOON_MS, "west") for n in range(100, 198)),
    ]
    turned = f"UPDATE interestream.user_windows SET embedding = %s WHERE {WINDOW}"
    report = report_after(turned, ("[1,0.015,0]",), expected=expect([*events]))
    assert report.ok, said(report)
    (component, *_) = report.deviations
    # Beside it the slack, 198 millionths, over |S| = 2.
    assert component.allowed == pytest.approx(2e-3 * 9.9 + 99e-6, rel=1e-3)
    assert component.largest == pytest.approx(0.015, rel=1e-3)


def test_limits_can_be_others(report_after: Callable[..., Report]) -> None:
    report = report_after(tolerance=Tolerance(component=1e-9))
    assert [one.measure for one in report.deviations if not one.ok] == ["vector component"]


def test_forgotten_users_must_be_gone(report_after: Callable[..., Report]) -> None:
    expected = expect(control=({"user_id": "bob", "command": "forget"},))
    letter = (
        "INSERT INTO interestream.dead_letters"
        " (space_id, epoch, stream, bucket, seq, raw, reason, user_id) "
        "VALUES (7, 0, 'events', 0, 1, '', 'not_json', 'bob')"
    )
    report = report_after(letter, expected=expected)
    assert [one.name for one in report.figures if not one.ok] == ["dead letters of forgotten users"]


def test_another_space_is_not_looked_at(report_after: Callable[..., Report], dsn: str) -> None:
    assert report_after().ok
    report = compare(expect(), dsn, SPACE + 1)
    assert report.differences["windows missing"] == len(expect().windows.keys)
    assert report.differences["user_items missing"] == 0


def test_nothing_against_nothing(dsn: str) -> None:
    empty = recompute([], [], vectors=vectors, now_ms=NOW_MS)
    assert empty.windows.units.shape == (0, 0)
    assert compare(empty, dsn, SPACE).ok


def test_rows_come_in_more_than_one_piece(
    report_after: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.verify.compare.stored.ROWS_AT_ONCE", 2)
    assert report_after().ok
