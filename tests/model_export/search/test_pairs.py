import pytest

from model_export.errors import SearchError
from model_export.search.pairs import read_pairs


def test_both_layouts_are_read_and_broken_lines_left_out(tmp_path):
    path = tmp_path / "pairs"
    path.write_text(
        "news\tx\t2012\t1\t4.5\tA cat sits.\tA cat is sitting.\n"
        "news\tx\t2012\t2\tnone\tA\tB\n"
        "short\tline\n"
        "A dog.\tA car.\t0.5\n"
    )
    pairs = read_pairs(path)
    assert pairs.first == ("A cat sits.", "A dog.")
    assert pairs.second == ("A cat is sitting.", "A car.")
    assert pairs.scores == (4.5, 0.5)


@pytest.mark.parametrize("text", ["", "no\tscores\there\n", "a\tb\t1\nc\td\t1\n"])
def test_a_file_without_scores_that_differ_is_refused(tmp_path, text):
    (tmp_path / "pairs").write_text(text)
    with pytest.raises(SearchError, match="no labelled pairs"):
        read_pairs(tmp_path / "pairs")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SearchError, match="nowhere"):
        read_pairs(tmp_path / "nowhere")
