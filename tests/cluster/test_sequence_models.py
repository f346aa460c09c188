"""A sequence model is trained, replaced and taken back, while events flow and two clients ask."""

import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest

from jobs.local.stack import stack
from jobs.simulator import simulated_dataset
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import documents
from tests.cluster.test_model_change import ASKED, Load, wait

# One statement, so that the model, its vectors and the answer are of one snapshot. The part of each
# row must be what the user's model says of it, times the weight of now.
ASK = """
SELECT
    m.model, r.item_id, coalesce((r.parts->'score'->>'sequence')::float8, 0),
    CASE WHEN m.model IS NULL THEN 0
    ELSE coalesce(
        w.weights[array_position(w.sources, 'sequence')] * m.scale / 10
        * -(v.embedding <#> m.embedding), 0)
    END
FROM interestream.recommend(%(user)s, 10) AS r
LEFT JOIN interestream.sequence_users(1, ARRAY[%(user)s]) AS m ON true
LEFT JOIN interestream.item_vectors AS v ON v.space_id = m.model AND v.item_id = r.item_id
CROSS JOIN LATERAL interestream.ranking_weights(1, r.parts->>'segment') AS w
"""


@dataclass(eq=False)
class Asker(threading.Thread):
    """Asks for the recommendations of users in turn, and keeps the faults."""

    dsn: str
    stop: threading.Event = field(default_factory=threading.Event)
    models: dict[int | None, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def run(self) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as db:
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
                if not rows:
                    self.wrong.append(f"{user}: no row")
                for model, item, part, wanted in rows:
                    if abs(part - wanted) > 0.02:
                        self.wrong.append(f"{user}, {item}: {part}, not {wanted} of {model}")
                for model in {row[0] for row in rows}:
                    self.models[model] = self.models.get(model, 0) + 1
                self.stop.wait(0.1)


def export(dsn: str, registry: Path, *options: str) -> dict[str, Any]:
    """The command as a schedule runs it."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "model_export", "sequence", "--json"),
            *("--registry", str(registry), "--epochs", "2", "--dim", "32", *options),
        ],
        env={**os.environ, "INTERESTREAM_DSN": dsn},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = orjson.loads(done.stdout)
    return said


@pytest.mark.cluster
def test_a_model_is_trained_replaced_and_taken_back_under_load(
    dsn: str, tmp_path: Path, bundle_dir: Path
) -> None:
    dataset = simulated_dataset(seed=12, users=50, events=2_000, items=300, days=3)
    items = [orjson.loads(line) if isinstance(line, bytes) else line for line in dataset.items()]
    items = list({item["item_id"]: item for item in items}.values())[:120]
    registry = tmp_path / "registry"
    settings = [
        "encoder.threads=1",
        "trends.update_s=1",
        f"encoder.registry={registry}",
        "sequence.check_s=0.5",
        "interest.slow_delay_s=1",
    ]
    running = stack(dsn, bundle_dir, documents(items), tmp_path / "job", overrides=settings)
    with running as job, psycopg.connect(dsn, autocommit=True) as db:
        load = Load(job.feed, items)
        job.feed.write_items(items)
        load.some(2_500)
        wait("the first events", lambda: read_progress(db, 1)["events"].applied >= 2_500)
        wait("their rows", lambda: read_progress(db, 1)["events"].unwritten == 0)
        askers = [Asker(dsn) for _ in range(2)]
        for thread in (load, *askers):
            thread.start()

        def in_use(model: int | None) -> bool:
            """Whether each asker has got answers by the model since."""
            return all(asker.models.get(model, 0) > len(ASKED) for asker in askers)

        def written(model: int) -> bool:
            """Whether the job itself has written users for the model: the exporter's are of 0."""
            query = (
                "SELECT count(*) FROM interestream.user_windows"
                " WHERE space_id = %s AND kind = 'sequence' AND epoch > 0"
            )
            row = db.execute(query, (model,)).fetchone()
            return row is not None and int(row[0]) >= 20

        first = export(dsn, registry, "--force")["space_id"]
        wait("answers by the first model", lambda: in_use(first), askers)
        wait("users of the job for it", lambda: written(first), askers)
        second = export(dsn, registry, "--force", "--from-scratch", "--seed", "1")["space_id"]
        assert second != first
        wait("answers by the second model", lambda: in_use(second), askers)
        wait("users of the job for it", lambda: written(second), askers)
        for model, options in ((first, ("--back",)), (second, ())):
            if options:
                assert export(dsn, registry, *options)["in_use"]
            else:
                db.execute("SELECT interestream.serve_sequence(%s)", (second,))
            for asker in askers:
                asker.models.clear()
            wait(f"answers by model {model} again", partial(in_use, model), askers)

        # An item that comes now has a vector in both models.
        job.feed.write_items([{**items[0], "item_id": "brand-new", "title": "Something else"}])
        query = "SELECT count(*) FROM interestream.item_vectors WHERE item_id = 'brand-new'"
        wait("vectors of a new item", lambda: db.execute(query).fetchone() == (3,), askers)

        job.feed.write_control([{"user_id": "user-39", "command": "forget"}])
        gone = "SELECT count(*) FROM interestream.user_windows WHERE user_id = 'user-39'"
        wait("user-39 to leave", lambda: db.execute(gone).fetchone() == (0,), askers)

        load.stop.set()
        load.join(60)
        for asker in askers:
            asker.stop.set()
            asker.join(60)
        fed = len(load.broken) + load.events
        wait("every event", lambda: read_progress(db, 1)["events"].records_in == fed)
        time.sleep(1)
        assert [fault for asker in askers for fault in asker.wrong] == []
        assert db.execute(gone).fetchone() == (0,)
        progress = read_progress(db, 1)["events"]
        assert progress.dead_letters == len(load.broken)
