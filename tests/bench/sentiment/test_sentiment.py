"""`python -m bench.sentiment`: labelled texts, the measures, and a run with the encoder."""

import os
import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import rankdata

from bench.sentiment.judges import nearest_mean, trained
from bench.sentiment.labelled import LabelledFileError, find_files, read_labelled
from bench.sentiment.measures import measure

RATED = (
    "1\t2.5\tlovely &amp; cheap\r\n2\t-1.5\tbroken\r\n3\t0.5\tit is blue\r\n4\t-0.5\tit is red\r\n"
)


def test_ratings_between_tabs_become_three_classes(tmp_path):
    file = tmp_path / "shop_GroundTruth.txt"
    file.write_bytes(RATED.encode("utf-8-sig"))
    found = read_labelled(file, limit=100)
    assert dict(zip(found.texts, found.labels.tolist(), strict=True)) == {
        "lovely & cheap": 1,
        "broken": -1,
        "it is blue": 0,
        "it is red": 0,
    }
    assert (found.name, found.language) == ("shop_GroundTruth", "en")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        (
            "zh-shop-sentiment.json",
            '{"sentence": "好", "label": "Positive"}\n\n{"sentence": "差", "label": "Negative"}\n',
            {"好": 1, "差": -1},
        ),
        (
            "de-sentiment.jsonl",
            '{"text": "gut", "sentiment": 1}\n{"text": "geht so", "sentiment": "neutral"}\n',
            {"gut": 1, "geht so": 0},
        ),
        (
            "en-sentiment.csv",
            'review,rating\n"good, cheap",1\nbad,-1\nbad,-1\n',
            {"good, cheap": 1, "bad": -1},
        ),
    ],
)
def test_objects_and_tables_are_read_and_the_name_tells_the_language(
    tmp_path, name, content, expected
):
    (tmp_path / name).write_text(content, encoding="utf-8")
    found = read_labelled(tmp_path / name, limit=100)
    assert dict(zip(found.texts, found.labels.tolist(), strict=True)) == expected
    assert found.language == name[:2]


def test_a_folder_gives_its_files_of_labelled_texts_and_a_sample_is_always_the_same(tmp_path):
    for name in ("a_GroundTruth.txt", "x-sentiment.csv", "notes.txt", "sentiment_lexicon.txt"):
        (tmp_path / name).write_text("".join(f"{n}\t1\ttext {n}\n" for n in range(50)))
    files = find_files([tmp_path])
    assert [file.name for file in files] == ["a_GroundTruth.txt", "x-sentiment.csv"]
    few, more = read_labelled(files[0], 5), read_labelled(files[0], 20)
    assert len(few) == 5
    assert few.texts == more.texts[:5]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", "1\t1\tgood"),
        ("a.txt", "1\tmuch\tgood"),
        ("a.txt", "no tabs here"),
        ("a.csv", "title,stars\ngood,5\n"),
        ("a.json", '{"text": "good", "label": "superb"}'),
        ("missing/a.txt", None),
    ],
)
def test_a_file_of_another_form_is_refused_with_its_name(tmp_path, name, content):
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(LabelledFileError, match=name):
        read_labelled(tmp_path / name, 10)


def test_the_measures_are_those_counted_by_hand():
    labels = np.array([1, 1, 1, 0, 0, -1, -1, -1])
    scores = np.array([0.9, 0.0, -0.6, 0.0, 0.8, -0.7, -0.1, -0.9])
    found = measure(scores, labels, neutral_band=0.2)
    assert found.confusion.tolist() == [[1, 1, 1], [1, 1, 0], [0, 1, 2]]
    assert found.sign == 4.5 / 6
    assert found.accuracy == 4 / 8
    # F1: 2 of (2 found + 3 true), 2 of (3 + 2), 4 of (3 + 3).
    assert found.macro_f1 == pytest.approx((2 / 5 + 2 / 5 + 4 / 6) / 3)
    assert found.found_neutral == 2 / 6
    assert found.right_if_not_neutral == 3 / 4


def test_the_nearest_mean_stands_at_one_for_liking_and_minus_one_for_disliking():
    means = np.array([[1.0, 0.0], [0.0, 1.0]])
    texts = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    assert nearest_mean(means, np.array([1, -1]), texts).tolist() == [1, -1, 0]


def test_no_text_is_scored_by_a_model_that_saw_its_label():
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((400, 50))
    labels = rng.choice([-1, 1], 400)
    ranks = rankdata(trained(vectors, labels))
    positive = labels > 0
    count = positive.sum() * (~positive).sum()
    auc = (ranks[positive].sum() - positive.sum() * (positive.sum() + 1) / 2) / count
    assert abs(auc - 0.5) < 0.1


def test_the_command_prints_a_table_per_file(tmp_path, bundle_dir):
    (tmp_path / "en-sentiment.csv").write_text(
        "text,label\nWhat a lovely lamp,1\nThe lamp broke at once,-1\nA joy to read,1\n"
        "A dull and stupid film,-1\nThe lamp has two bulbs,0\nHe reads on Monday,0\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "bench.sentiment", str(tmp_path), "--bundle", str(bundle_dir)],
        env={**os.environ, "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = {
        line.split("│")[1].strip(): line.split("│")[2].strip()
        for line in done.stdout.splitlines()
        if line.count("│") > 2
    }
    assert rows["the job"] == "1.000"
    assert rows["always the most frequent"] == "0.500"


def test_a_path_without_labelled_texts_is_exit_code_2(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "bench.sentiment", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "no file of labelled texts" in done.stdout
