"""Recognising a data set by its folder."""

from pathlib import Path

import pytest

from jobs.datasets.detect import open_dataset
from jobs.datasets.errors import UnknownDatasetError


def test_an_unknown_folder_is_refused_with_a_list_of_what_would_do(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").touch()
    with pytest.raises(UnknownDatasetError) as refused:
        open_dataset(tmp_path)
    for named in ("holiday.jpg", "movies.csv", "movies.dat", "items.csv.gz", "mapping.toml"):
        assert named in str(refused.value)


def test_a_path_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownDatasetError, match="is no folder"):
        open_dataset(tmp_path / "absent")


def test_an_older_movielens_release_is_not_taken_for_movietweetings(tmp_path: Path) -> None:
    (tmp_path / "movies.dat").write_text("1::Toy Story (1995)::Animation\n")
    (tmp_path / "ratings.dat").write_text("1::1::5::978300760\n")
    assert open_dataset(tmp_path).name == "movielens"
