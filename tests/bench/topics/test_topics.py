"""`python -m bench.topics`: the titles, the measures, and a run with the encoder."""

import os
import subprocess
import sys
from importlib.resources import files

import numpy as np
import pytest

from bench.topics.measures import OTHER_COSINE, TEMPERATURE, measure
from jobs.texts.packaged_topics import packaged_topics


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_packaged_topic_has_four_titles_in_either_language(language):
    lines = (files("bench.topics") / "titles" / f"{language}.tsv").read_text().splitlines()
    rows = [line.split("\t") for line in lines]
    assert [topic for topic, _ in rows] == [
        topic for topic in packaged_topics("en") for _ in "four"
    ]
    assert len({title for _, title in rows}) == len(rows)


def test_the_measures_of_a_space_that_can_be_counted_by_hand():
    axes = np.eye(4)
    topics = axes[:2]
    near, far = np.sqrt([0.5, 0.99]) @ axes[[0, 2]], np.sqrt([0.01, 0.99]) @ axes[[1, 3]]
    titles = np.stack([axes[0], near / np.linalg.norm(near), axes[0], far])
    found = measure(titles, np.array([0, 0, 1, 1]), topics)
    assert found.alike == 0
    assert found.named == 0.75
    assert found.right == pytest.approx(2 / 3)
    assert found.readers_right == 0.5


def test_the_share_of_other_is_that_of_the_database():
    titles = np.tile(np.eye(3)[0], (20, 1))
    found = measure(titles, np.arange(20) % 2, np.eye(3)[1:])
    weight = np.exp(OTHER_COSINE / TEMPERATURE)
    assert found.other_of_mixed == pytest.approx(weight / (weight + 2))


def test_titles_are_named_better_without_what_topics_share(bundle_dir, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "bench.topics", "--bundle", str(bundle_dir)],
        env={**os.environ, "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = {
        cells[0]: [float(cell) for cell in cells[1:]]
        for line in done.stdout.splitlines()
        if len(cells := [cell.strip() for cell in line.strip("│").split("│")]) == 6
    }
    before, after = rows["as encoded"], rows["without their mean"]
    assert after[0] < 0 < before[0]
    assert after[1] >= 0.85 > before[1]
    assert after[2] >= 0.8
    assert after[3] == 1


def test_a_language_without_titles_is_exit_code_2(bundle_dir):
    done = subprocess.run(
        [sys.executable, "-m", "bench.topics", "--titles", "tlh", "--bundle", str(bundle_dir)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "tlh.tsv" in done.stdout
