"""The savepoints that earlier versions of the job left: this one goes on from each."""

import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import psycopg
import pytest
from rich.console import Console

from bench.verify.compare import compare, read_prototypes
from bench.verify.recompute import recompute_phases
from bench.verify.reference_encoder import ReferenceEncoder
from jobs.datasets.feed import DirectoryFeed
from jobs.local.stack import job_arguments
from jobs.runtime.local_cluster import LocalCluster
from jobs.sinks.read_progress import read_progress
from tests.cluster.stored_history import AFTER, trends_of
from tests.cluster.stored_savepoint import (
    CLUSTER_OPTIONS,
    HORIZONS,
    SETTINGS,
    UPDATE_S,
    StoredSavepoint,
    read_trends,
    until,
    work_off,
)

SAVEPOINTS = Path(__file__).parent / "savepoints"
VERSIONS = sorted(folder.name for folder in SAVEPOINTS.iterdir() if folder.is_dir())


@pytest.mark.cluster
@pytest.mark.timeout(1800)  # on a machine with much else to do
@pytest.mark.parametrize("version", VERSIONS)
def test_a_savepoint_of_an_earlier_version_is_restored_without_losing_a_row(
    version: str, dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    stored = StoredSavepoint(SAVEPOINTS / version, tmp_path / "stored")
    space_id = stored.load_tables(dsn, bundle_dir)
    feed = DirectoryFeed(tmp_path / "streams")
    history = [*stored.history(), *AFTER]
    trends = trends_of(history, HORIZONS, UPDATE_S)
    with (
        LocalCluster(tmp_path / "cluster", dsn, options=CLUSTER_OPTIONS) as cluster,
        psycopg.connect(dsn, autocommit=True) as db,
    ):
        at_savepoint = read_progress(db, space_id)["events"]
        job_id = cluster.submit(
            job_arguments(bundle_dir, tmp_path, SETTINGS), stored.path.absolute().as_uri()
        )
        cluster.wait_running(job_id)
        for phase in AFTER:
            work_off(db, space_id, feed, phase)
        until(lambda: read_progress(db, space_id)["events"].unwritten == 0, "rows are unwritten")
        until(lambda: read_trends(db, space_id) == trends, f"trends must be {trends}")
        status = cluster.rest.status(job_id)
        prototypes = read_prototypes(db, space_id)
        (mean,) = db.execute(
            "SELECT mean FROM interestream.spaces WHERE space_id = %s", (space_id,)
        ).fetchone() or ([],)
    recomputed = partial(
        recompute_phases,
        vectors=ReferenceEncoder(bundle_dir, np.array(mean), console=Console(quiet=True)),
        now_ms=int(time.time() * 1000),
        prototypes=prototypes,
    )
    # The earlier version kept no impressions.
    old = recomputed(stored.history()).feedback.shown
    shown = {
        key: since
        for key, times in recomputed(history).feedback.shown.items()
        if (since := [time_ms for time_ms in times if time_ms not in old.get(key, ())])
    }
    expected = recomputed(history)
    expected = replace(expected, feedback=replace(expected.feedback, shown=shown))
    report = compare(expected, dsn, space_id)
    report.print(Console())
    assert status is not None
    assert status.restarts == 0
    assert at_savepoint.waiting > 0
    assert at_savepoint.unwritten > 0
    assert not expected.undecided
    assert report.ok
