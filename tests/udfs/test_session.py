import logging
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from udfs.bundle import MODEL_FILE
from udfs.errors import BundleModelError, SettingsError
from udfs.session import CPU, CUDA, choose_providers, open_session


@pytest.mark.parametrize(
    ("provider", "available", "expected"),
    [
        ("cpu", [CUDA, CPU], [CPU]),
        ("cuda", [CUDA, CPU], [CUDA, CPU]),
        ("auto", [CUDA, CPU], [CUDA, CPU]),
        ("auto", [CPU], [CPU]),
        ("cuda", [CPU], [CPU]),
    ],
)
def test_a_gpu_is_taken_where_it_is_wanted_and_there(provider, available, expected):
    assert choose_providers(provider, available) == expected


def test_a_missing_gpu_that_was_asked_for_is_said_in_the_log(caplog):
    choose_providers("cuda", [CPU])
    assert "interestream[gpu]" in caplog.text


def test_a_missing_gpu_that_was_not_asked_for_is_not_worth_a_warning(caplog):
    choose_providers("auto", [CPU])
    assert not caplog.records


def test_an_unknown_provider_is_refused_with_the_choices():
    with pytest.raises(SettingsError, match="auto, cpu, cuda"):
        choose_providers("tpu", [CPU])  # type: ignore[arg-type]


@pytest.mark.skipif(CUDA in onnxruntime.get_available_providers(), reason="there is a GPU here")
def test_a_session_without_a_gpu_runs_on_the_processor(bundle_dir, caplog):
    session = open_session(bundle_dir / MODEL_FILE, "cuda", threads=1)
    assert session.get_providers() == [CPU]
    assert [record.levelno for record in caplog.records].count(logging.WARNING) == 1


def test_a_gpu_that_does_not_start_is_said_in_the_log(bundle_dir, caplog, monkeypatch):
    # The provider is offered, and then ONNX Runtime cannot start it: here because it is not there.
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, CPU])
    with pytest.warns(UserWarning, match="CUDAExecutionProvider"):
        session = open_session(bundle_dir / MODEL_FILE, "auto", threads=1)
    assert session.get_providers() == [CPU]
    assert "did not start" in caplog.text


def test_what_is_not_a_graph_is_refused(tmp_path):
    (tmp_path / MODEL_FILE).write_bytes(b"not a graph")
    with pytest.raises(BundleModelError, match="cannot load"):
        open_session(tmp_path / MODEL_FILE, "cpu", threads=1)


def test_a_graph_with_other_inputs_and_outputs_is_refused(tmp_path):
    from onnx import TensorProto, helper, save

    value = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1]) for n in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Neg", ["x"], ["y"])], "g", value[:1], value[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    save(model, tmp_path / MODEL_FILE)
    with pytest.raises(BundleModelError, match=r"inputs \['x'\] and outputs \['y'\]"):
        open_session(tmp_path / MODEL_FILE, "cpu", threads=1)


def byte_product(path: Path, zero_points: tuple[str, str]) -> Path:
    """A graph of a bundle's shape whose sums of products need more than 16 bits.

    `embedding` is the sum of 64 ids times 127, twice; `zero_points` name those of both products.
    """
    weights = np.full((64, 1), 127, np.int8)
    constants = {name: np.zeros(1, np.int8) for name in zero_points}
    constants |= {"weights0": weights, "weights1": weights, "zero": np.zeros(1, np.uint8)}
    nodes = [
        helper.make_node("Cast", ["input_ids"], ["bytes"], to=TensorProto.UINT8),
        *(
            helper.make_node(
                "MatMulInteger",
                ["bytes", f"weights{index}", "zero", zero_points[index]],
                [f"product{index}"],
            )
            for index in (0, 1)
        ),
        helper.make_node("Concat", ["product0", "product1"], ["both"], axis=1),
        helper.make_node("Cast", ["both"], ["embedding"], to=TensorProto.FLOAT),
    ]
    ids = ("batch", "tokens")
    graph = helper.make_graph(
        nodes,
        "bytes",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ids)
            for name in ("input_ids", "attention_mask")
        ],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ("batch", 2))],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, path)
    return path


def run_byte_product(path: Path) -> list[float]:
    ids = np.full((1, 64), 255, np.int64)
    session = open_session(path, "cpu", 1)
    (vector,) = session.run(None, {"input_ids": ids, "attention_mask": ids})[0].tolist()
    found: list[float] = vector
    return found


def test_products_of_bytes_are_exact_on_every_processor(tmp_path):
    path = byte_product(tmp_path / "model.onnx", ("none0", "none1"))
    assert run_byte_product(path) == [255 * 127 * 64, 255 * 127 * 64]


def test_a_graph_that_shares_zero_points_still_loads(tmp_path):
    path = byte_product(tmp_path / "model.onnx", ("none", "none"))
    vector = run_byte_product(path)
    assert vector[0] == vector[1] > 0
