"""The whole path on Flink's in-process cluster."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.verify.run import verify
from jobs.datasets.dataset import Dataset, Line
from jobs.errors import JobFailedError
from jobs.local.stack import stack
from jobs.simulator import simulated_dataset


@pytest.mark.cluster
def test_every_row_equals_the_recomputation_when_events_arrive_shuffled(tmp_path: Path) -> None:
    dataset = simulated_dataset(seed=3, users=100, events=3_000, items=200, days=10)
    assert verify(dataset, shuffle_s=3_600, seed=3, settings=["encoder.threads=2"], work=tmp_path)


@pytest.mark.cluster
@pytest.mark.long
def test_every_neighbour_of_items_equals_the_recomputation_when_events_arrive_shuffled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    simulated = simulated_dataset(seed=4, users=60, events=3_000, items=120, days=10)
    # Texts pass the encoder: when they are read, and whether in time, is not decided.
    plain = Dataset(
        "plain",
        items=simulated.items,
        events=lambda: (one for one in simulated.events() if not _has_text(one)),
    )
    assert verify(plain, shuffle_s=3_600, seed=4, settings=["encoder.threads=2"], work=tmp_path)
    (undecided,) = (
        line
        for line in capsys.readouterr().out.splitlines()
        if "input does not decide" in line and "item_neighbors" in line
    )
    assert " 0 " in undecided


def _has_text(event: Line) -> bool:
    return isinstance(event, dict) and bool(event.get("text"))


@pytest.mark.cluster
def test_the_demo_plays_its_story_and_ends_by_itself_without_a_terminal() -> None:
    sizes = ["--users", "150", "--events", "4000", "--items", "400", "--length-s", "10"]
    done = subprocess.run(
        [sys.executable, "-m", "jobs.cli", "demo", *sizes],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ada turns to something new" in done.stdout
    assert "psql 'postgresql://" in done.stdout
    assert "The page: http://127.0.0.1:" in done.stdout


@pytest.mark.cluster
def test_a_job_that_cannot_start_says_why_and_does_not_hang() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jobs.interest_job", "--set", "batching.batch_ms=soon"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert "batching.batch_ms" in done.stderr


@pytest.mark.cluster
@pytest.mark.long
def test_a_job_that_restarts_in_circles_ends_in_a_message_with_the_cause(
    dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "bundle"
    shutil.copytree(bundle_dir, copy)
    overrides = [f"encoder.bundle={copy}", "checkpoints.max_restarts=2"]
    catalogue = ["some document", "another one"]
    running = stack(dsn, bundle_dir, catalogue, tmp_path / "job", overrides=overrides)

    def watch() -> None:
        with running as started:
            # Good when the job looked at it, and damaged when the encoder opens it.
            (copy / "tokenizer.json").write_text("{}")
            assert any((tmp_path / "job" / "tmp").glob("minicluster_*"))
            started.feed.write_items([{"item_id": "i", "title": "a title"}])
            for _ in range(600):
                started.job.check(max_restarts=1)
                time.sleep(0.1)

    with pytest.raises(JobFailedError, match=r"does not fit its manifest: tokenizer\.json"):
        watch()
    assert not (tmp_path / "job" / "tmp").exists()
