import logging

import onnxruntime
import pytest

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
