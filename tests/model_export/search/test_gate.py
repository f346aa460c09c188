from dataclasses import replace

import pytest

from model_export.errors import SearchError
from model_export.search.footprint import Footprint
from model_export.search.gate import Gate, read_gate
from tests.model_export.search.builders import GOOD, REFERENCE, company, speed


def test_a_candidate_that_holds_every_bound_falls_short_of_nothing():
    assert Gate().shortfalls(GOOD, REFERENCE) == []


@pytest.mark.parametrize(
    ("change", "gate", "shortfall"),
    [
        ({"mean_cosine": 0.9949}, Gate(), "mean cosine 0.9949, at least 0.995"),
        ({"min_cosine": 0.97}, Gate(), "worst cosine 0.97, at least 0.98"),
        (
            {"overlap_by_kind": {"parity": 0.99, "generated": 0.94}},
            Gate(),
            "top-10 overlap 0.94, at least 0.95",
        ),
        ({"invariance": company(0.9998)}, Gate(), "cosine alone and in company 0.9998, at least"),
        ({"speed": speed(0.9)}, Gate(), "speed-up 0.9, at least 1"),
        ({"rank_correlation": 0.84}, Gate(), "loss of rank correlation 0.02, at most 0.01"),
        ({"size_mb": 45}, Gate(max_size_share=0.3), "size 0.5, at most 0.3"),
        ({"footprint": Footprint(1, 300)}, Gate(max_memory_share=1), "memory 1.5, at most 1"),
        ({"mean_cosine": float("nan")}, Gate(), "mean cosine nan, at least 0.995"),
    ],
)
def test_each_bound_fails_alone_and_says_by_how_much(change, gate, shortfall):
    found = gate.shortfalls(replace(GOOD, **change), REFERENCE)
    assert len(found) == 1
    assert found[0].startswith(shortfall)


def test_all_shortfalls_are_told_at_once():
    bad = replace(GOOD, mean_cosine=0.9, min_cosine=0.5, speed=speed(0.5))
    assert len(Gate().shortfalls(bad, REFERENCE)) == 3


def test_a_gate_is_read_from_a_file_and_keeps_its_other_bounds(tmp_path):
    (tmp_path / "gate.toml").write_text("min_overlap = 0.9\nmin_speedup = 2\n")
    assert read_gate(tmp_path / "gate.toml") == Gate(min_overlap=0.9, min_speedup=2)
    assert read_gate(None) == Gate()


@pytest.mark.parametrize("text", ["min_overlab = 0.9", 'min_overlap = "high"'])
def test_a_gate_with_a_wrong_key_or_value_is_refused_by_its_name(tmp_path, text):
    (tmp_path / "gate.toml").write_text(text)
    with pytest.raises(SearchError, match=r"min_overla[pb]"):
        read_gate(tmp_path / "gate.toml")


def test_a_gate_that_cannot_be_read_says_where(tmp_path):
    with pytest.raises(SearchError, match=r"nowhere\.toml"):
        read_gate(tmp_path / "nowhere.toml")
