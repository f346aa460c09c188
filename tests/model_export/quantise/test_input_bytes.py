"""What ONNX Runtime computes against what the fit believes it computes."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from model_export.quantise.calibration import ObservedInputs
from model_export.quantise.fit import Scheme, fit
from model_export.quantise.graph import Graph
from model_export.quantise.input_bytes import FixedScale, RowScale
from model_export.quantise.plain_session import plain_session
from model_export.quantise.products import lower, product_node

RNG = np.random.default_rng(2)
WEIGHTS = RNG.normal(size=(40, 12)).astype(np.float32)
BIAS = RNG.normal(size=12).astype(np.float32)
BOTH_SIDES = RNG.normal(size=(200, 40)).astype(np.float32)
LOPSIDED = (np.abs(BOTH_SIDES) - 0.17).astype(np.float32)


def seen(rows):
    return ObservedInputs(rows, rows.min(axis=0), rows.max(axis=0))


def run(lowering, rows, tmp_path):
    """A graph of one product, lowered, on `rows`."""
    x, y = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", width])
        for name, width in (("x", 40), ("y", 12))
    )
    model = helper.make_model(
        helper.make_graph([], "one", [x], [y]),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=9,
    )
    graph = Graph(model)
    names = graph.constant("weights", WEIGHTS), graph.constant("bias", BIAS)
    graph.nodes = [product_node("one", "x", *names, "y")]
    lowered = lower(graph, lowering).write(tmp_path / "one.onnx")
    return plain_session(lowered, threads=1).run(None, {"x": rows})[0]


@pytest.mark.parametrize("rows", [BOTH_SIDES, LOPSIDED], ids=["both sides", "lopsided"])
@pytest.mark.parametrize("by_row", [False, True], ids=["fixed", "by row"])
@pytest.mark.parametrize("smoothings", [(), (0.5, 0.9)], ids=["plain", "smoothed"])
def test_the_graph_computes_what_the_fit_was_judged_by(tmp_path, rows, by_row, smoothings):
    found = fit(seen(rows), WEIGHTS, Scheme(by_row=by_row, smoothings=smoothings, compensated=True))
    got = run(found.nodes, rows, tmp_path)
    narrowed = rows if found.factors is None else rows / found.factors
    believed = found.input_bytes.as_seen(narrowed) @ found.columns.widened + found.correction
    # A rounding that falls on the border of two steps may go either way.
    assert np.mean(np.abs(got - (believed + BIAS)) > 1e-3) < 0.02
    np.testing.assert_allclose(got, believed + BIAS, atol=0.1)
    exact = rows @ WEIGHTS + BIAS
    relative = np.linalg.norm(got - exact) / np.linalg.norm(exact)
    assert relative < 0.015


def test_a_row_with_its_own_scale_does_not_suffer_from_a_larger_one(tmp_path):
    rows = BOTH_SIDES.copy()
    rows[0] *= 1000
    found = fit(seen(rows), WEIGHTS, Scheme(by_row=True))
    got, exact = run(found.nodes, rows, tmp_path), rows @ WEIGHTS + BIAS
    fixed = run(fit(seen(rows), WEIGHTS, Scheme()).nodes, rows, tmp_path)
    assert np.abs(got[1:] - exact[1:]).max() < 0.3
    assert np.abs(fixed[1:] - exact[1:]).max() > 3


def test_rows_of_zeros_give_the_bias(tmp_path):
    for rows in (BOTH_SIDES, LOPSIDED):
        found = fit(seen(rows), WEIGHTS, Scheme(by_row=True))
        got = run(found.nodes, np.zeros((3, 40), np.float32), tmp_path)
        np.testing.assert_allclose(got, np.tile(BIAS, (3, 1)), atol=0.02)


def test_smoothing_pays_where_one_column_is_much_wider_than_the_rest():
    rows = BOTH_SIDES.copy()
    rows[:, 7] *= 50
    weights = WEIGHTS.copy()
    weights[7] /= 50
    plain = fit(seen(rows), weights, Scheme())
    smooth = fit(seen(rows), weights, Scheme(smoothings=(0.3, 0.5, 0.7)))
    assert smooth.error < 0.25 * plain.error


def test_a_fixed_scale_keeps_zero_exactly():
    for low, high in ((-1.0, 3.0), (0.0, 5.0), (-4.0, 0.0), (0.0, 0.0)):
        scale = FixedScale.over(low, high)
        assert scale.as_seen(np.zeros((1, 2), np.float32)).tolist() == [[0, 0]]


def test_values_mostly_above_zero_are_moved_to_use_all_steps():
    assert RowScale.over(-0.17, 5.0).shift == pytest.approx(0.17)
    assert RowScale.over(-4.0, 5.0).shift == 0
