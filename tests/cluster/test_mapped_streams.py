"""Streams in a shape of their own, which mappings in the job make records of the contract."""

from pathlib import Path

import pytest

from bench.verify.foreign_shape import ForeignFeed, foreign_settings
from bench.verify.run import verify
from jobs.action_settings import DEFAULT_ACTIONS
from jobs.datasets.feed import DirectoryFeed
from jobs.simulator import simulated_dataset


@pytest.mark.cluster
@pytest.mark.long
def test_records_of_another_shape_give_the_rows_of_the_recomputation(tmp_path: Path) -> None:
    dataset = simulated_dataset(seed=5, users=80, events=3_000, items=150, days=10)
    work = tmp_path / "work"
    feed = ForeignFeed(DirectoryFeed(tmp_path / "streams"))
    settings = [
        *foreign_settings(tmp_path, DEFAULT_ACTIONS),
        f"sources.root={tmp_path / 'streams'}",
        "encoder.threads=1",
    ]
    assert verify(dataset, 3_600, 5, settings, work, feed)
