"""The graph and its gate: as the network, in any company, with and without padding."""

from dataclasses import replace

import numpy as np
import pytest

from model_export.errors import ParityError
from model_export.sequence import graph
from model_export.sequence.graph import Measured, choose_graph, item_vectors_of, network_users
from model_export.sequence.windows import histories_before
from tests.model_export.sequence.planted import blocks, network
from udfs.sequence.features import features_of
from udfs.sequence.model import open_user_graph, run_user_graph

FINE = Measured(1.0, 1.0, 1.0, True)


@pytest.fixture(scope="module")
def made():
    of = blocks(40)
    net = network(of)
    items = item_vectors_of(net, of).of(of.texts, of.references)
    return net, items, histories_before(of, np.array([1, 3, 7, 11, 13, 25]), 8)


@pytest.mark.parametrize("recipe", ["fp32", "int8"])
def test_both_recipes_write_a_graph_that_is_near_the_network(made, tmp_path, recipe):
    net, items, windows = made
    (tmp_path / "scratch").mkdir()
    chosen, figures = choose_graph(
        net, items, windows, recipe, tmp_path / "scratch", tmp_path / "users.onnx"
    )
    assert chosen in ("fp32", recipe)
    assert figures["fp32_min_cosine"] > 0.99999
    assert ("int8_min_cosine" in figures) == (recipe == "int8")
    found = run_user_graph(
        open_user_graph(tmp_path / "users.onnx"),
        items[windows.item],
        features_of(windows.history),
        np.arange(len(windows.at)),
        8,
    )
    cosines = (found * network_users(net, items, windows)).sum(axis=1)
    assert cosines.min() > (0.9999 if chosen == "fp32" else 0.99)


def test_a_user_without_an_interaction_has_finite_numbers(made, tmp_path):
    net, items, windows = made
    graph.export_users(net, tmp_path / "users.onnx")
    nobody = replace(windows, at=np.full_like(windows.at, -1))
    found = run_user_graph(
        open_user_graph(tmp_path / "users.onnx"),
        items[nobody.item],
        features_of(nobody.history),
        np.arange(len(nobody.at)),
        8,
    )
    assert np.isfinite(found).all()


def test_a_graph_that_falls_short_is_not_published(made, tmp_path, monkeypatch):
    net, items, windows = made
    other = network(blocks(40), seed=1)

    def export_other(_, path):
        return original(other, path)

    original = graph.export_users
    monkeypatch.setattr(graph, "export_users", export_other)
    with pytest.raises(ParityError, match="falls short of the network: cosine"):
        choose_graph(net, items, windows, "fp32", tmp_path, tmp_path / "users.onnx")


@pytest.mark.parametrize(
    ("measured", "words"),
    [
        (replace(FINE, finite=False), "not finite"),
        (replace(FINE, min_cosine=0.9), "cosine 0.900000"),
        (replace(FINE, min_cosine=float("nan")), "cosine nan"),
        (replace(FINE, overlap=0.5), "50.0% of the ten nearest"),
        (replace(FINE, company=0.99), "depends on its company"),
    ],
)
def test_each_bound_of_the_gate_has_its_words(measured, words):
    assert FINE.faults(0.99, 0.9) == []
    (fault,) = measured.faults(0.99, 0.9)
    assert words in fault
