"""A world whose users are in their own buckets, and merges between them."""

from typing import Any

import orjson

from jobs.core.user_bucket import bucket_of
from jobs.graph.keyed_batches import AddKey
from jobs.operators.interest_step import TRANSFER_CHECK_MS
from tests.builders import RULES, line
from tests.jobs.operators.builders import (
    InterestWorld,
    JobTables,
    control_row,
    events_row,
    text_events_row,
)

BUCKETS = 4


def merge_line(user_id: str, into: str) -> bytes:
    return line({"user_id": user_id, "command": "merge", "into": into})


class MergeTables(JobTables):
    """What tests of merges read."""

    def total(self, stream: str = "events") -> dict[str, int]:
        """The counters over all buckets that are not 0; checks that every record is counted."""
        names = [
            "records_in",
            "duplicates",
            "dead_letters",
            "waiting",
            "applied",
            "excluded",
            "moved",
        ]
        columns = ", ".join(f"sum({name})::int" for name in names)
        (row,) = self.rows(
            f"SELECT {columns} FROM interestream.job_progress WHERE stream = %s", stream
        )
        counters = dict(zip(names, row, strict=True))
        if stream == "events":
            assert counters["records_in"] == sum(counters.values()) - counters["records_in"]
        return {name: count for name, count in counters.items() if count}

    def user_items(self, user_id: str) -> list[tuple[Any, ...]]:
        return self.rows(
            "SELECT item_id, actions, first_at, last_at, signal, signal_at"
            " FROM interestream.user_items WHERE user_id = %s ORDER BY item_id",
            user_id,
        )

    def rows_of(self, user_id: str) -> int:
        """Number of rows with the user's id."""
        tables = ("users", "user_windows", "user_items", "dead_letters")
        return sum(
            self.rows(f"SELECT count(*) FROM interestream.{table} WHERE user_id = %s", user_id)[0][
                0
            ]
            for table in tables
        )


class MergeWorld(InterestWorld, MergeTables):
    """Sends each line to the bucket of its user, as the graph does."""

    def __init__(self, dsn: str, **settings: Any) -> None:
        super().__init__(dsn, batching={"buckets": BUCKETS}, **settings)

    def feed(self, *lines: bytes) -> None:
        """Events, a batch per bucket."""
        for bucket, theirs in by_bucket(lines).items():
            self.flink.send(events_row(theirs, bucket=bucket))

    def say(self, line: bytes, vector: Any) -> None:
        """An event with a text, whose vector is given."""
        (bucket,) = by_bucket((line,))
        self.flink.send(text_events_row([(line, vector)], bucket=bucket))

    def command(self, *lines: bytes) -> None:
        """Commands, a batch per bucket, without the time for what they send."""
        key = AddKey(RULES, BUCKETS)
        for bucket, theirs in by_bucket(lines).items():
            for _, row in key.process_element(control_row(theirs, bucket), None):
                self.flink.send(row)

    def settle(self, rounds: int = 6) -> None:
        """Let transfers arrive, and those that they cause."""
        for _ in range(rounds):
            self.flink.advance(TRANSFER_CHECK_MS)

    def merge(self, user_id: str, into: str) -> None:
        self.command(merge_line(user_id, into))
        self.settle()


def by_bucket(lines: tuple[bytes, ...]) -> dict[int, list[bytes]]:
    by_bucket: dict[int, list[bytes]] = {}
    for each in lines:
        user_id = str(orjson.loads(each)["user_id"])
        by_bucket.setdefault(bucket_of(user_id, BUCKETS), []).append(each)
    return by_bucket
