"""A registry that does not answer: what a job does with the copy of its machine, and without."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from jobs.datasets.feed import DirectoryFeed
from jobs.local.stack import job_arguments
from jobs.runtime.environment import job_environment
from jobs.runtime.in_process import InProcessJob
from jobs.runtime.processes import free_port
from jobs.spaces.build import build_space
from model_export.publishing.publish import publish
from tests.builders import item_line
from tests.cluster.terminal import until
from udfs.registry.registry import open_registry


def settings(registry: str, name: str, cache: Path) -> list[str]:
    return [
        f"encoder.registry={registry}",
        f"encoder.bundle={name}@space",
        f"encoder.bundle_cache={cache}",
    ]


@pytest.mark.cluster
@pytest.mark.long
def test_a_job_starts_with_the_copy_of_its_machine_and_says_so_where_there_is_none(
    dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    build_space(dsn, bundle_dir, ["A book about tea", "A book about chess"], sample=2)
    published = open_registry(f"memory://{tmp_path.name}")
    reference = publish(bundle_dir, published)
    away, cache = f"ftp://127.0.0.1:{free_port()}/bundles", tmp_path / "cache"
    told = f"the registry at {away} does not answer (ConnectionRefusedError"

    without = job_arguments(bundle_dir, tmp_path, settings(away, reference.name, cache))
    done = subprocess.run(
        [sys.executable, "-m", "jobs.interest_job", *without],
        env={**job_environment(tmp_path / "log"), "INTERESTREAM_DSN": dsn},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1].startswith(f"interest job: {told}")

    published.folder(reference, cache)
    feed = DirectoryFeed(tmp_path / "streams")
    with (
        InProcessJob(without, dsn, tmp_path / "job") as job,
        psycopg.connect(dsn, autocommit=True) as db,
    ):
        job.wait_running()
        feed.write_items([item_line("tea", title="A book about tea")])
        vectors = "SELECT count(*) FROM interestream.item_vectors"
        until(lambda: db.execute(vectors).fetchone() == (1,), "the vector of the item", 240)
        log = job.log.read_text()
    assert f"{told}" in log
    assert f"going on with the copy in {cache}" in log
