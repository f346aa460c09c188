"""Broken records through the whole job; `make fuzz` is the long form."""

from pathlib import Path

import pytest

from bench.fuzz.__main__ import Shape, fuzz


@pytest.mark.cluster
def test_three_thousand_broken_records_are_a_dead_letter_each_and_the_job_lives(
    tmp_path: Path,
) -> None:
    assert fuzz(records=3_000, seed=7, settings=[], work=tmp_path)


@pytest.mark.cluster
@pytest.mark.long
def test_broken_records_of_another_shape_are_a_dead_letter_each_and_the_job_lives(
    tmp_path: Path,
) -> None:
    assert fuzz(records=15_000, seed=7, settings=[], work=tmp_path, shape=Shape.SHOP)
