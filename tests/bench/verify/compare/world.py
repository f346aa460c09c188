"""The input of these tests, the rows that a job without faults writes for it, and the report."""

import io
from dataclasses import asdict

import psycopg
from rich.console import Console

from bench.verify.compare import Report
from bench.verify.recompute import ACTIONS, Counts, Expected, Record, recompute
from tests.bench.verify.builders import DAY_MS, NOON_MS, NOW_MS, catalogue, event, vectors

SPACE = 7
EPOCH = 1
WINDOW = "user_id = 'ada' AND kind = 'month'"
"""One row of `user_windows`, as a condition of SQL."""
BITS = {action: bit for bit, action in enumerate(ACTIONS)}

RECOMMENDED = {"recommendation_id": "r1", "position": 2, "source": "new"}

EVENTS: list[Record] = [
    event(1, "like", NOON_MS - 3 * DAY_MS, "slant"),
    event(2, "view", NOON_MS, "up"),
    event(2, "view", NOON_MS, "up"),
    event(3, "dislike", NOON_MS + 5, "west"),
    event(4, "like", NOON_MS, "east", user="bob", context={"recommendation_id": "r1"}),
    event(5, "impression", NOON_MS, "east", user="bob", context=RECOMMENDED),
    event(6, "impression", NOON_MS, "east", user="eve"),
    event(7, "like", NOON_MS, "nowhere"),
    event(8, "vanish", NOON_MS, "east"),
    b"{",
]


def expect(events: list[Record] = EVENTS, control: tuple[Record, ...] = ()) -> Expected:
    return recompute(catalogue(), events, control, vectors=vectors, now_ms=NOW_MS)


def write(dsn: str, expected: Expected) -> None:
    """Write the rows that a job without faults leaves behind."""
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
                    sum(1 << BITS[action] for action in pair.actions),
                    pair.first_ms,
                    pair.last_ms,
                    pair.signal,
                    pair.signal_ms,
                    pair.signal_key,
                )
                for key, pair in expected.user_items.items()
            ],
        )
        cursor.executemany(
            "INSERT INTO interestream.shown_items (user_id, item_id, shown_at) VALUES (%s, %s, "
            "ARRAY(SELECT to_timestamp(ms / 1000.0) FROM unnest(%s::int8[]) AS ms))",
            [(*key, times) for key, times in expected.feedback.shown.items()],
        )
        cursor.executemany(
            "INSERT INTO interestream.click_counts VALUES (%s, 0, %s, %s, %s, %s, %s, %s)",
            [(SPACE, *cell, *counts) for cell, counts in expected.feedback.counts.items()],
        )
        cursor.executemany(
            "INSERT INTO interestream.items "
            "(item_id, title, available, representative, epoch, version) "
            "VALUES (%s, %s, %s, %s, 1, 1)",
            [
                (item_id, *columns, expected.representatives[item_id])
                for item_id, columns in expected.items.items()
            ],
        )
        cursor.execute(
            "CREATE TABLE interestream.item_vectors_7 PARTITION OF interestream.item_vectors "
            "FOR VALUES IN (7)"
        )
        cursor.executemany(
            "INSERT INTO interestream.item_vectors VALUES (%s, %s, '[1,0,0]', 1, 1)",
            [(SPACE, item_id) for item_id in expected.items],
        )
        dead_letters = [key for key, count in expected.dead_letters.items() for _ in range(count)]
        cursor.executemany(
            "INSERT INTO interestream.dead_letters"
            " (space_id, epoch, stream, bucket, seq, raw, reason) "
            "VALUES (%s, %s, %s, 0, %s, '', %s)",
            [
                (SPACE, EPOCH, stream, seq, reason)
                for seq, (stream, reason) in enumerate(dead_letters)
            ],
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


def printed(report: Report) -> str:
    console = Console(file=io.StringIO(), width=140)
    report.print(console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()
