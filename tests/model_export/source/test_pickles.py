"""Weights as pickles: refused, with the line that converts them."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from model_export.errors import SourceError
from model_export.source.dense import read_dense
from model_export.source.folder import folder_source
from model_export.source.load import load
from tests.model_export.builders import tiny_model, write_json


def as_pickle(folder: Path) -> dict[str, torch.Tensor]:
    weights = load_file(folder / "model.safetensors")
    torch.save(weights, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    return weights


def run_last_line(error: SourceError) -> None:
    line = str(error).splitlines()[-1]
    assert line.startswith('python -c "')
    command = line.replace("python ", f"{sys.executable} ", 1)
    subprocess.run(command, shell=True, check=True, capture_output=True)


def test_a_folder_of_pickled_weights_says_how_to_convert_them_and_that_works(tmp_path):
    folder = tiny_model(tmp_path / "m")
    weights = as_pickle(folder)
    with pytest.raises(SourceError, match=r"pytorch_model\.bin only.*safetensors") as caught:
        folder_source(folder)
    run_last_line(caught.value)
    converted = load_file(folder / "model.safetensors")
    assert all(torch.equal(converted[name], weights[name]) for name in converted)
    assert load(folder_source(folder)).dim == 32


def test_a_pickled_layer_says_how_to_convert_it_and_that_works(tmp_path):
    torch.save({"linear.weight": torch.eye(3)}, tmp_path / "pytorch_model.bin")
    config = {"in_features": 3, "out_features": 3, "bias": False, "activation_function": "Identity"}
    write_json(tmp_path / "config.json", config)
    with pytest.raises(SourceError, match=r"pytorch_model\.bin only") as caught:
        read_dense(tmp_path)
    run_last_line(caught.value)
    assert torch.equal(read_dense(tmp_path).linear.weight, torch.eye(3))


def test_pickles_beside_safetensors_do_not_matter(tmp_path):
    folder = tiny_model(tmp_path / "m")
    (folder / "pytorch_model.bin").write_bytes(b"a pickle")
    assert "pytorch_model.bin" not in folder_source(folder).files
