"""The model is changed and changed back, while events flow and `recommend()` is called."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import orjson
import psycopg
import pytest

from jobs.datasets.feed import DirectoryFeed
from jobs.local.stack import stack
from jobs.simulator import simulated_dataset
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import documents
from jobs.spaces.change.coverage import read_records
from tests.truncated_bundle import truncated_bundle

USERS = [f"user-{number}" for number in range(40)]
ASKED = USERS[:5]
WAIT_S = 400.0
OTHER_DIM = 96

# One statement, so that the active space, its vectors and the answer are of one snapshot.
ASK = """
SELECT s.space_id, s.dim, r.item_id, (r.parts->>'blend')::float8, v.embedding::real[],
       (SELECT array_agg(w.embedding::real[] ORDER BY w.kind)
        FROM interestream.user_windows AS w JOIN interestream.blend_weights AS b USING (kind)
        WHERE w.space_id = s.space_id AND w.user_id = %(user)s),
       (SELECT array_agg(b.weight ORDER BY w.kind)
        FROM interestream.user_windows AS w JOIN interestream.blend_weights AS b USING (kind)
        WHERE w.space_id = s.space_id AND w.user_id = %(user)s)
FROM interestream.spaces AS s
CROSS JOIN LATERAL interestream.recommend(%(user)s, 10) AS r
LEFT JOIN interestream.item_vectors AS v ON v.space_id = s.space_id AND v.item_id = r.item_id
WHERE s.active
"""


@dataclass(eq=False)
class Asker(threading.Thread):
    """Asks for the recommendations of users in turn, and keeps the faults."""

    dsn: str
    stop: threading.Event = field(default_factory=threading.Event)
    answers: dict[int, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def run(self) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as db:
            # To a user, waiting for a lock is an outage.
            db.execute("SET lock_timeout = '2s'")
            number = 0
            while not self.stop.is_set():
                user = ASKED[number % len(ASKED)]
                number += 1
                try:
                    rows = db.execute(ASK, {"user": user}).fetchall()
                except psycopg.Error as error:
                    self.wrong.append(f"{user}: {error!r}")
                    return
                self.stop.wait(0.2)
                self.wrong += [f"{user}: {fault}" for fault in faults(rows)]
                if rows:
                    self.answers[rows[0][0]] = self.answers.get(rows[0][0], 0) + 1


def faults(rows: list[tuple[Any, ...]]) -> Iterator[str]:
    """The faults of an answer: its scores must be those of the active space's vectors."""
    if not rows:
        yield "no row"
    for space_id, dim, item_id, score, vector, windows, weights in rows:
        if vector is None or windows is None:
            yield f"{item_id} has no vector in space {space_id}"
            continue
        blend = np.array(weights) @ np.array(windows)
        cosine = float(np.array(vector) @ blend / np.linalg.norm(blend))
        if len(vector) != dim or abs(cosine - score) > 2e-3:
            yield f"{item_id}: {score} is not {cosine} of space {space_id}"


@dataclass(eq=False)
class Load(threading.Thread):
    """Feeds events all the time, with a broken line in each file and sometimes a changed title."""

    feed: DirectoryFeed
    items: list[dict[str, Any]]
    stop: threading.Event = field(default_factory=threading.Event)
    titles: dict[str, str] = field(default_factory=dict)
    broken: list[bytes] = field(default_factory=list)
    events: int = 0

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.rng = random.Random(5)

    def some(self, count: int) -> None:
        now_ms = int(time.time() * 1000)
        batch: list[Any] = [
            {
                "event_id": f"e{self.events + number}",
                "user_id": self.rng.choice(USERS),
                "action": self.rng.choice(["view", "like", "impression"]),
                "item_id": self.rng.choice(self.items)["item_id"],
                "event_time": now_ms - self.rng.randrange(3_600_000),
            }
            for number in range(count)
        ]
        self.broken.append(b'{"event_id": "broken %d", "user_id": "user-1"' % self.events)
        self.events += count
        self.feed.write_events([*batch, self.broken[-1]])

    def run(self) -> None:
        rounds = 0
        while not self.stop.is_set():
            self.some(10)
            rounds += 1
            if rounds % 10 == 0:
                item = self.rng.choice(self.items)
                self.titles[item["item_id"]] = f"{item['title']}, edition {rounds}"
                title = self.titles[item["item_id"]]
                self.feed.write_items([{**item, "title": title, "updated_at": now(rounds)}])
            time.sleep(0.5)


def now(rounds: int) -> int:
    """A time that grows with each round, because files are not read in the order of their names."""
    return 1_750_000_000_000 + 1000 * rounds


class KeepsFaults(Protocol):
    """Somebody who asks all the time."""

    wrong: list[str]


def wait(what: str, condition: Callable[[], bool], askers: Sequence[KeepsFaults] = ()) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert not any(asker.wrong for asker in askers), [asker.wrong for asker in askers]
        assert time.monotonic() < deadline, f"not within {WAIT_S:.0f} s: {what}"
        time.sleep(0.2)


def command(dsn: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "jobs.cli", "space", *arguments],
        env={**os.environ, "INTERESTREAM_DSN": dsn},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(dsn: str, *arguments: str) -> tuple[int, str]:
    process = command(dsn, *arguments)
    output, _ = process.communicate(timeout=WAIT_S)
    return process.returncode, output


@pytest.mark.cluster
def test_the_model_is_changed_and_changed_back_under_load(
    dsn: str, tmp_path: Path, bundle_dir: Path
) -> None:
    dataset = simulated_dataset(seed=11, users=50, events=2_000, items=300, days=3)
    items = [orjson.loads(line) if isinstance(line, bytes) else line for line in dataset.items()]
    items = list({item["item_id"]: item for item in items}.values())[:120]
    other = truncated_bundle(bundle_dir, tmp_path / "truncated", OTHER_DIM)
    quick = ["encoder.threads=1", "trends.update_s=1"]
    running = stack(dsn, bundle_dir, documents(items), tmp_path / "old", overrides=quick)
    with running as old, psycopg.connect(dsn, autocommit=True) as db:
        load = Load(old.feed, items)
        old.feed.write_items(items)
        load.some(1_500)
        wait("the first events", lambda: read_progress(db, 1)["events"].applied >= 1_500)
        wait("their rows", lambda: read_progress(db, 1)["events"].unwritten == 0)
        db.execute("SELECT interestream.index_space(1)")
        askers = [Asker(dsn) for _ in range(2)]
        for thread in (load, *askers):
            thread.start()
        arguments = [f"--set={setting}" for setting in (*quick, f"sources.root={old.feed.root}")]
        changing = command(
            dsn, "change", "--bundle", str(other), "--run", "--json", "--behind-s=2", *arguments,
            # Of 384 dimensions the other bundle keeps a few: about half of the lists stays.
            "--overlap=0.3", "--work", str(tmp_path / "new"),
        )  # fmt: skip
        try:
            steps = list(steps_until(changing, "active"))
            space_id = steps[-1]["space_id"]
            checked = next(line for line in steps if line["step"] == "checked")
            print(steps[-1], checked)
            assert checked["refused"] == []
            assert checked["coverage"]["items_covered"] == len(items)
            assert checked["overlap"]["users"] == len(USERS)
            assert 0 < checked["overlap"]["mean"] < 1
            by_new = partial(all_answered, askers, space_id, answers(askers, space_id))
            wait("answers from the new space", by_new, askers)

            old.feed.write_control([{"user_id": "user-39", "command": "forget"}])
            for table in ("users", "user_windows", "user_items"):
                wait(f"user-39 to leave {table}", partial(has_left, db, table, "user-39"))

            # Back, and forth again.
            for space in (1, space_id):
                assert ended(dsn, "back")[0] == 0
                assert db.execute("SELECT interestream.chosen_space(NULL)").fetchone() == (space,)
                by_it = partial(all_answered, askers, space, answers(askers, space))
                wait(f"answers from space {space} again", by_it, askers)

            # At the end both jobs have read the same, and the rows that both write are right.
            load.stop.set()
            load.join(60)
            fed = len(load.broken) + load.events
            for space in (1, space_id):
                wait(f"space {space} to read everything", partial(has_read, db, space, fed))
            expected = {item["item_id"]: item["title"] for item in items} | load.titles
            wait("the last titles", lambda: titles(db) == expected)
            query = "SELECT raw FROM interestream.active_dead_letters"
            dead_letters = [bytes(raw) for (raw,) in db.execute(query).fetchall()]
            assert sorted(dead_letters) == sorted(load.broken)

            code, output = ended(dsn, "retire", "1")
            assert code == 2
            assert "goes back to" in output
            code, output = ended(dsn, "status", "--json")
            states = {line["space_id"]: line for line in map(orjson.loads, output.splitlines())}
            assert states[1]["state"] == "previous"
            assert states[space_id]["state"] == "active"
            assert (states[1]["dim"], states[space_id]["dim"]) == (384, OTHER_DIM)
        finally:
            changing.send_signal(signal.SIGINT)
            rest, _ = changing.communicate(timeout=60)
        assert changing.returncode == 130, rest
        old.job.stop()
        assert ended(dsn, "retire", "1", "--force")[0] == 0
        by_last = partial(all_answered, askers, space_id, answers(askers, space_id))
        wait("answers when the old space is deleted", by_last, askers)
        for asker in askers:
            asker.stop.set()
            asker.join(60)
        print([asker.answers for asker in askers], fed)
        assert [fault for asker in askers for fault in asker.wrong] == []
        for table in ("users", "user_windows", "item_vectors", "trends", "dead_letters"):
            query = f"SELECT DISTINCT space_id FROM interestream.{table}"
            assert db.execute(query).fetchall() == [(space_id,)], table


def answers(askers: Sequence[Asker], space_id: int) -> list[int]:
    return [asker.answers.get(space_id, 0) for asker in askers]


def all_answered(askers: Sequence[Asker], space_id: int, before: list[int]) -> bool:
    """Whether each asker got an answer of the space for each of its users since `before`."""
    now = answers(askers, space_id)
    return all(count > then + len(ASKED) for count, then in zip(now, before, strict=True))


def has_left(db: psycopg.Connection, table: str, user: str) -> bool:
    """Whether the user has no row in any space."""
    query = f"SELECT count(*) FROM interestream.{table} WHERE user_id = %s"
    return db.execute(query, (user,)).fetchone() == (0,)


def has_read(db: psycopg.Connection, space_id: int, events: int) -> bool:
    return read_records(db, space_id)["events"] == events


def titles(db: psycopg.Connection) -> dict[str, str]:
    rows: list[tuple[str, str]] = db.execute(
        "SELECT item_id, title FROM interestream.items"
    ).fetchall()
    return dict(rows)


def steps_until(process: "subprocess.Popen[str]", step: str) -> Iterator[dict[str, Any]]:
    """The steps that a change prints, up to this one."""
    assert process.stdout is not None
    output = []
    for line in process.stdout:
        output.append(line)
        if not line.startswith("{"):
            continue
        reported: dict[str, Any] = orjson.loads(line)
        yield reported
        if reported["step"] == step:
            return
    pytest.fail("the change ended: " + "".join(output[-20:]))
