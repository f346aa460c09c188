"""Merges in a job of two slots: transfers go by Postgres, when checkpoints cover them."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pyflink.common import Row

from jobs.core.user_bucket import bucket_of
from jobs.errors import StateSchemaError
from jobs.graph.keyed_batches import AddKey
from jobs.operators.interest_step import InterestStep
from jobs.operators.postgres_post import LOOK_MS
from jobs.operators.row_kinds import WAKE
from jobs.operators.user_writer import UserWriter
from tests.builders import (
    DAY_MS,
    ITEMS,
    MINUTE_MS,
    NOON_MS,
    RULES,
    command_line,
    event_line,
    operator_settings,
)
from tests.fakes.keyed_context import FakeFlink
from tests.jobs.operators.builders import (
    EPOCH,
    assert_same_tables,
    control_row,
    create_space,
    events_row,
    vectors_row,
)
from tests.jobs.operators.merge_builders import (
    BUCKETS,
    MergeTables,
    MergeWorld,
    by_bucket,
    merge_line,
)

OLD, NEW = "anon-1", "ada"
SLOTS = 2


class Checkpoint:
    """One checkpoint: the snapshots of the subtasks that its barrier has reached."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.snapshots: dict[int, Any] = {}
        folder.mkdir(parents=True)


class TwoSlots(MergeTables):
    """Two subtasks of the interest step with their writers, on one Postgres, and checkpoints."""

    def __init__(self, dsn: str, folder: Path, **settings: Any) -> None:
        self.dsn = dsn
        self.space_id = create_space(dsn)
        self._folder = folder
        self._arguments: dict[str, Any] = {
            "space_id": self.space_id,
            "interest": {"slow_delay_s": 0},
            "batching": {"buckets": BUCKETS, "parallelism": SLOTS},
            "checkpoints": {"directory": str(folder)},
            **settings,
        }
        self.settings = operator_settings(dsn, epoch=EPOCH, **self._arguments)
        self._number = 0
        self.last: Checkpoint | None = None
        self.writers = [self._start(lambda: UserWriter(self.settings), n) for n in range(SLOTS)]
        self.steps = [self._start_step(number) for number in range(SLOTS)]
        for step in self.steps:
            step.broadcast(vectors_row(ITEMS))
        self.first = [step.snapshot() for step in self.steps]

    def _start(self, make: Callable[[], Any], number: int, **more: Any) -> FakeFlink:
        return FakeFlink(make, NOON_MS, slots=SLOTS, subtask=number, **more)

    def _start_step(self, number: int) -> FakeFlink:
        writer = self.writers[number].operator

        def write(batch: Any) -> None:
            list(writer.process_element(batch, None))

        return self._start(lambda: InterestStep(self.settings), number, sink=write)

    def close(self) -> None:
        for flink in (*self.steps, *self.writers):
            flink.close()

    def feed(self, *lines: bytes) -> None:
        for bucket, theirs in by_bucket(lines).items():
            self.steps[bucket % SLOTS].send(events_row(theirs, bucket=bucket))

    def command(self, *lines: bytes) -> None:
        key = AddKey(RULES, BUCKETS)
        for bucket, theirs in by_bucket(lines).items():
            for _, row in key.process_element(control_row(theirs, bucket), None):
                self.steps[row[0] % SLOTS].send(row)

    def advance(self, ms: int = LOOK_MS) -> None:
        for step in self.steps:
            step.advance(ms)

    def begin(self) -> Checkpoint:
        self._number += 1
        return Checkpoint(self._folder / "job" / f"chk-{self._number}")

    def barrier(self, checkpoint: Checkpoint, subtask: int) -> None:
        checkpoint.snapshots[subtask] = self.steps[subtask].snapshot()

    def complete(self, checkpoint: Checkpoint) -> None:
        (checkpoint.folder / "_metadata").touch()
        if self.last is not None:
            (self.last.folder / "_metadata").unlink()
            self.last.folder.rmdir()
        self.last = checkpoint

    def checkpoint(self, order: tuple[int, int] = (0, 1)) -> None:
        checkpoint = self.begin()
        for subtask in order:
            self.barrier(checkpoint, subtask)
        self.complete(checkpoint)

    def settle(self, rounds: int = 5) -> None:
        for _ in range(rounds):
            self.advance()
            self.checkpoint()
            self.advance()

    def crash(self) -> None:
        """Both subtasks start again from the last completed checkpoint."""
        snapshots = dict(enumerate(self.first)) if self.last is None else self.last.snapshots
        for number, step in enumerate(self.steps):
            step.restore(snapshots[number])

    def transfers(self) -> int:
        return int(self.rows("SELECT count(*) FROM interestream.transfers")[0][0])


@pytest.fixture
def world(job_dsn: str, tmp_path: Path) -> Iterator[TwoSlots]:
    made = TwoSlots(job_dsn, tmp_path)
    yield made
    made.close()


def test_the_users_of_these_tests_are_in_different_slots() -> None:
    slots = {bucket_of(user, BUCKETS) % SLOTS for user in ("anon-1", "anon-2")}
    assert slots == {0, 1}


def test_a_merge_arrives_when_a_checkpoint_covers_it(world: TwoSlots) -> None:
    world.feed(event_line(1, user_id="anon-2"), event_line(2, user_id=NEW))
    world.checkpoint()
    world.command(merge_line("anon-2", NEW))
    world.feed(event_line(3, user_id="anon-2"))
    world.advance()
    world.advance()
    # Nothing is sent before it is in a checkpoint, and nothing is lost from sight.
    assert world.transfers() == 0
    assert world.total() == {"records_in": 3, "applied": 2, "moved": 1}
    assert world.unwritten() == 2
    world.checkpoint()
    world.advance()
    assert world.transfers() == 2
    world.advance()
    assert world.event_count(NEW) == 3
    assert world.total() == {"records_in": 3, "applied": 3}
    world.settle()
    assert world.transfers() == 0
    assert world.unwritten() == 0
    assert all(step.entries("transfers-v1") <= BUCKETS for step in world.steps)


@pytest.mark.parametrize("receiver_first", [True, False])
def test_a_checkpoint_between_sender_and_receiver_repeats_and_loses_nothing(
    world: TwoSlots, receiver_first: bool
) -> None:
    """The merge is read while a barrier has reached one of the subtasks and not the other."""
    world.feed(event_line(1, user_id="anon-2"), event_line(2, user_id=NEW))
    world.checkpoint()
    sender, receiver = (bucket_of(user, BUCKETS) % SLOTS for user in ("anon-2", NEW))
    assert sender != receiver
    between = world.begin()
    first, second = (receiver, sender) if receiver_first else (sender, receiver)
    steps = [
        lambda: world.command(merge_line("anon-2", NEW)),
        lambda: world.feed(event_line(3, user_id="anon-2", item_id="up")),
    ]
    if receiver_first:
        # What wakes the receiver was sent with the merge, so it is in front of the same barrier.
        world.steps[receiver].send(Row(bucket_of(NEW, BUCKETS), WAKE, [b""], [b""]))
    world.barrier(between, first)
    steps[0]()
    steps[1]()
    for _ in range(4):
        world.advance()
    world.barrier(between, second)
    world.complete(between)
    world.advance()
    world.crash()
    if not receiver_first:
        # The sender was at its barrier before the merge, and reads it again, in another order.
        steps[1]()
        steps[0]()
    world.settle()
    assert world.event_count(NEW) == 3
    assert world.total() == {"records_in": 3, "applied": 3}


def test_what_was_taken_and_not_yet_covered_is_taken_again(world: TwoSlots) -> None:
    world.feed(event_line(1, user_id="anon-2"))
    world.checkpoint()
    world.command(merge_line("anon-2", NEW))
    world.advance()
    world.checkpoint()
    world.advance()
    world.advance()
    assert world.event_count(NEW) == 1
    world.crash()
    world.settle()
    assert world.event_count(NEW) == 1
    assert world.total() == {"records_in": 1, "applied": 1}
    assert world.transfers() == 0


def test_rows_of_a_run_that_was_given_up_do_not_count(world: TwoSlots) -> None:
    world.feed(event_line(1, user_id="anon-2"))
    world.command(merge_line("anon-2", NEW))
    world.settle(1)
    with psycopg.connect(world.dsn, autocommit=True) as db:
        db.execute(
            "INSERT INTO interestream.transfers"
            " (space_id, submitted, attempt, from_bucket, number, to_bucket, content)"
            " SELECT %s, %s, attempt, %s, 99, %s, 'x' FROM generate_series(-1, 0) AS attempt",
            (world.space_id, EPOCH - 1, bucket_of("bob", BUCKETS), bucket_of(NEW, BUCKETS)),
        )
    world.crash()
    world.feed(event_line(2, user_id="anon-2"))
    world.settle()
    assert world.event_count(NEW) == 2
    # The next row that is sent removes them.
    assert world.transfers() == 0


def test_without_a_folder_of_checkpoints_merges_are_refused(job_dsn: str, tmp_path: Path) -> None:
    world = TwoSlots(job_dsn, tmp_path, checkpoints={})
    world.feed(event_line(1, user_id="anon-2"))
    world.command(merge_line("anon-2", NEW), command_line(NEW, "opt_out"))
    world.advance()
    assert world.reasons("control") == [("bad_merge", "anon-2")]
    assert world.total("control") == {"records_in": 2, "applied": 1, "dead_letters": 1}
    assert world.event_count("anon-2") == 1
    world.close()


def test_state_with_merged_users_is_refused_where_they_cannot_be_handed_over(
    job_dsn: str, tmp_path: Path
) -> None:
    with MergeWorld(job_dsn) as one_slot:
        one_slot.merge("anon-2", NEW)
        snapshot = one_slot.flink.snapshot()
    world = TwoSlots(job_dsn, tmp_path, checkpoints={})
    for step in world.steps:
        step.restore(snapshot)
    with pytest.raises(StateSchemaError, match=r"set it, or run the job with batching\.parallel"):
        world.feed(event_line(1, user_id="anon-2"))
    world.close()


USERS = ("anon-1", "anon-2", "ada", "bob")
ACTIONS = ("like", "unlike", "view", "dislike", "undislike", "rating", "purchase")


@pytest.mark.parametrize("seed", range(8))
def test_the_rows_are_those_of_one_user_whatever_crashes(
    world: TwoSlots, dsn: str, seed: int
) -> None:
    """Events, merges, barriers, checkpoints and crashes at random places."""
    chance = random.Random(seed)
    records = [_record(chance, number) for number in range(40)]
    steps: list[Any] = list(records)
    for merge in (("anon-1", "anon-2"), ("anon-2", "ada")):
        steps.insert(chance.randrange(len(steps)), merge)
    _run(world, steps, chance)
    with MergeWorld(dsn) as plain:
        for record in records:
            user_id = record["user_id"]
            into = "ada" if user_id.startswith("anon") else user_id
            number = f"{user_id} {record['number']}"
            plain.feed(event_line(**{**record, "user_id": into, "number": number}))
        plain.settle()
        expected = _tables(plain)
    assert_same_tables(_tables(world), expected)


def _record(chance: random.Random, number: int) -> dict[str, Any]:
    return {
        "number": number,
        "user_id": chance.choice(USERS),
        "action": chance.choice(ACTIONS),
        "item_id": chance.choice([*ITEMS]),
        # No two events at one time: the key, which has the old id in it, never decides.
        "event_time": NOON_MS - chance.choice([0, 1, 40 * MINUTE_MS, 3 * DAY_MS]) - 7 * number,
        "value": chance.choice([None, 0, 3, 5]),
    }


def _run(world: TwoSlots, steps: list[Any], chance: random.Random) -> None:
    """Each subtask reads its lines; after a crash it reads again what came behind its barrier."""
    pending: Checkpoint | None = None
    crashes = sorted(chance.sample(range(len(steps)), 3))
    queue = list(range(len(steps)))
    since: dict[int, list[int]] = {0: [], 1: []}
    at_barrier: dict[int, dict[int, list[int]]] = {}
    count = 0
    while queue:
        number = queue.pop(0)
        _read(world, steps[number])
        for subtask in _slots(steps[number]):
            since[subtask].append(number)
        count += 1
        if chance.random() < 0.6:
            world.advance()
        if pending is None and chance.random() < 0.4:
            pending = world.begin()
            at_barrier[id(pending)] = {}
        elif pending is not None and chance.random() < 0.6:
            left = [one for one in (0, 1) if one not in pending.snapshots]
            subtask = chance.choice(left)
            world.barrier(pending, subtask)
            at_barrier[id(pending)][subtask] = list(since[subtask])
            if len(left) == 1:
                world.complete(pending)
                pending = None
        if crashes and count >= crashes[0]:
            crashes.pop(0)
            if pending is not None:
                pending.folder.rmdir()
                pending = None
            world.crash()
            kept = {} if world.last is None else at_barrier[id(world.last)]
            again = []
            for subtask in (0, 1):
                known = kept.get(subtask, [])
                again += [one for one in since[subtask] if one not in known]
                since[subtask] = list(known)
            # What one subtask has read before its barrier the other one may have to read again.
            for one in sorted(set(again), key=lambda _: chance.random()):
                for subtask in _slots(steps[one]):
                    if one not in since[subtask]:
                        _read(world, steps[one], only=subtask)
                        since[subtask].append(one)
    world.settle(8)


def _slots(step: Any) -> list[int]:
    users = step if isinstance(step, tuple) else (step["user_id"],)
    return sorted({bucket_of(user, BUCKETS) % SLOTS for user in users})


def _read(world: TwoSlots, step: Any, only: int | None = None) -> None:
    if not isinstance(step, tuple):
        world.feed(event_line(**step))
        return
    key = AddKey(RULES, BUCKETS)
    line = merge_line(*step)
    for _, row in key.process_element(control_row([line], bucket_of(step[0], BUCKETS)), None):
        if only in (None, row[0] % SLOTS):
            world.steps[row[0] % SLOTS].send(row)


def _tables(world: MergeTables) -> dict[str, list[tuple[Any, ...]]]:
    """The rows without ids of spaces and keys; the counters are summed."""
    tables = world.tables()
    return {
        "users": [row[1:7] for row in tables["users"]],
        "user_windows": [(0, *row[1:]) for row in tables["user_windows"]],
        "user_items": [row[:7] for row in tables["user_items"]],
        "total": [tuple(world.total().items())],
    }
