"""A storm of items, an encoder and a JVM that are killed, and a bundle that is gone, in one job."""

import os
import shutil
from pathlib import Path

import psutil
import psycopg
import pytest

from jobs.datasets.dataset import Dataset, Line
from jobs.datasets.feed import DirectoryFeed
from jobs.health.verdict import State, Thresholds, Verdict
from jobs.health.watch import Watched, watch
from jobs.local.stack import job_arguments
from jobs.runtime.local_cluster import LocalCluster
from jobs.simulator import simulated_dataset
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import build_space, documents
from tests.cluster.recomputed import compare_with_recomputation, wait_committed
from tests.cluster.terminal import java_process, until
from udfs.bundle import MODEL_FILE

ITEMS = 1_500
KNOWN = 100
"""Items that are there before the others come all at once."""
# The machine may be busy; nothing has to be noticed by its silence.
OPTIONS = {"heartbeat.timeout": "60000"}


def workers(java: psutil.Process) -> list[psutil.Process]:
    """The processes in which the encoder runs, and what stands between them and Java."""
    found = [each for each in java.children(recursive=True) if each.is_running()]
    assert any("beam_boot" in " ".join(each.cmdline()) for each in found)
    return found


def encoders(java: psutil.Process) -> list[psutil.Process]:
    return [
        each
        for each in workers(java)
        if each.name().startswith("python") and "beam_boot" in " ".join(each.cmdline())
    ]


def is_about(event: Line, items: set[str]) -> bool:
    """Whether an event can be applied when these items alone are known."""
    return isinstance(event, dict) and (event.get("item_id") or None) in {*items, None}


@pytest.mark.cluster
@pytest.mark.long
@pytest.mark.timeout(1800)  # on a machine with much else to do
def test_a_job_outlives_its_encoder_its_java_and_a_bundle_that_is_gone(
    dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    dataset = simulated_dataset(seed=5, users=100, events=3_000, items=ITEMS, days=10)
    items, events = list(dataset.items()), list(dataset.events())
    known = {str(item["item_id"]) for item in items[:KNOWN] if isinstance(item, dict)}
    early = [event for event in events if is_about(event, known)]
    late = [event for event in events if not is_about(event, known)]
    bundle = tmp_path / "bundle"
    # A graph of many megabytes need not be copied.
    shutil.copytree(bundle_dir, bundle, copy_function=os.link)
    space_id = build_space(dsn, bundle, documents(iter(items)), sample=200)
    feed = DirectoryFeed(tmp_path / "streams")
    arguments = job_arguments(bundle, tmp_path, ["checkpoints.interval_ms=1000"])
    with (
        LocalCluster(tmp_path / "cluster", dsn, options=OPTIONS) as cluster,
        psycopg.connect(dsn, autocommit=True) as db,
    ):
        watched = Watched(
            dsn, f"127.0.0.1:{cluster.rest_port}", tmp_path, tmp_path / "streams", True
        )

        def vectors() -> int:
            (count,) = db.execute("SELECT count(*) FROM interestream.item_vectors").fetchone() or (
                0,
            )
            return int(count)

        def verdict(check: str) -> Verdict:
            (found,) = (each for each in watch(watched, Thresholds()) if each.check == check)
            return found

        job_id = cluster.submit(arguments)
        cluster.wait_running(job_id)
        feed.write_items(items[:KNOWN])
        until(lambda: vectors() == KNOWN, "the vectors of the first items", 300)

        # A storm: events of items that are known do not wait behind it, nor do their texts.
        feed.write_items(items[KNOWN:])
        until(lambda: read_progress(db, space_id)["items"].records_in == len(items), "the storm")
        feed.write_events(early)
        until(
            lambda: (
                (done := read_progress(db, space_id)["events"]).records_in == len(early)
                and not done.waiting
            ),
            "events during the storm",
            300,
        )
        assert vectors() < ITEMS

        for encoder in encoders(java_process(os.getpid(), "TaskManagerRunner")):
            encoder.kill()

        def encoded() -> bool:
            # A second failure within seconds may end the TaskManager.
            cluster.replace_ended()
            return vectors() == ITEMS

        until(encoded, "every vector, without a hand", 300)
        restarts = verdict("restarts")
        assert "the encoder's process has ended" in restarts.sentence

        # A JVM that is killed cannot end its workers; they do so themselves.
        java = java_process(os.getpid(), "TaskManagerRunner")
        orphans, temporary = workers(java), Path(java.environ()["TMPDIR"])
        assert temporary.is_dir()
        bundle.rename(tmp_path / "aside")
        java.kill()
        _, left = psutil.wait_procs(orphans, timeout=120)
        assert left == []
        feed.write_events(late)

        def names_the_bundle() -> bool:
            cluster.replace_ended()
            job = verdict("job")
            return job.state is State.CRITICAL and f"no bundle at {bundle}" in job.sentence

        until(names_the_bundle, "the cause", 300)
        assert not temporary.exists()
        assert (tmp_path / "aside" / MODEL_FILE).exists()
        (tmp_path / "aside").rename(bundle)

        def committed() -> bool:
            cluster.replace_ended()
            return read_progress(db, space_id)["events"].records_in == len(events)

        until(committed, "all events", 300)
        wait_committed(dsn, space_id, "events", len(events))
    again = Dataset("again", lambda: iter(items), lambda: iter([*early, *late]))
    assert compare_with_recomputation(again, dsn, space_id, bundle).ok
