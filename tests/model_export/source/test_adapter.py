"""Models that are an adapter beside a base: merged, or refused, never the base alone."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from model_export.errors import SourceError
from model_export.parity import reference_vectors
from model_export.source import adapter
from model_export.source.adapter import ADAPTER_CONFIG, ADAPTER_WEIGHTS
from model_export.source.folder import folder_source
from model_export.source.load import load
from tests.model_export.builders import tiny_model, write_json

RANK, ALPHA = 2, 4
TARGETS = ("query", "value")


def with_adapter(folder: Path, **more: object) -> Path:
    config = {
        "peft_type": "LORA",
        "base_model_name_or_path": "makers/base",
        "r": RANK,
        "lora_alpha": ALPHA,
        "target_modules": [*TARGETS],
    }
    write_json(folder / ADAPTER_CONFIG, config | more)
    torch.manual_seed(11)
    weights = {}
    for layer in range(2):
        for target in TARGETS:
            place = f"base_model.model.encoder.layer.{layer}.attention.self.{target}"
            weights[f"{place}.lora_A.weight"] = torch.randn(RANK, 32)
            weights[f"{place}.lora_B.weight"] = torch.randn(32, RANK)
    save_file(weights, folder / ADAPTER_WEIGHTS)
    return folder


def test_without_peft_a_model_with_an_adapter_is_refused_by_name(tmp_path, monkeypatch):
    monkeypatch.setattr(adapter, "find_spec", lambda name: None)
    folder = with_adapter(tiny_model(tmp_path / "m"))
    with pytest.raises(SourceError, match=r"LoRA adapter.*pip install peft merges it"):
        folder_source(folder)


def test_another_kind_of_adapter_is_refused_by_name(tmp_path):
    folder = with_adapter(tiny_model(tmp_path / "m"), peft_type="PREFIX_TUNING")
    with pytest.raises(SourceError, match="PREFIX_TUNING"):
        folder_source(folder)


def test_an_adapter_without_its_model_names_the_model(tmp_path):
    with pytest.raises(SourceError, match=r"adapter \(LORA\) of makers/base without that model"):
        folder_source(with_adapter(tmp_path))


def test_an_adapter_without_its_weights_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(adapter, "find_spec", lambda name: object())
    folder = with_adapter(tiny_model(tmp_path / "m"))
    (folder / ADAPTER_WEIGHTS).unlink()
    with pytest.raises(SourceError, match=f"without {ADAPTER_WEIGHTS}"):
        folder_source(folder)


def test_peft_merges_an_adapter_into_the_weights(tmp_path):
    """Against the formula: weights plus alpha / rank times B times A."""
    pytest.importorskip("peft")
    base = tiny_model(tmp_path / "base")
    by_hand = load_file(base / "model.safetensors")
    folder = with_adapter(tiny_model(tmp_path / "m"))
    for name, weights in load_file(folder / ADAPTER_WEIGHTS).items():
        if "lora_A" in name:
            low = load_file(folder / ADAPTER_WEIGHTS)[name.replace("lora_A", "lora_B")]
            place = name.removeprefix("base_model.model.").replace("lora_A.", "")
            by_hand[place] = by_hand[place] + ALPHA / RANK * low @ weights
    save_file(by_hand, base / "model.safetensors", metadata={"format": "pt"})
    texts = ["a tea house", "winter bread"]
    expected = reference_vectors(load(folder_source(base)), texts)
    found = reference_vectors(load(folder_source(folder)), texts)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_an_adapter_that_does_not_fit_its_model_is_refused(tmp_path):
    pytest.importorskip("peft")
    folder = with_adapter(tiny_model(tmp_path / "m"))
    weights = load_file(folder / ADAPTER_WEIGHTS)
    lost = "base_model.model.encoder.layer.1.attention.self.value.lora_B.weight"
    del weights[lost]
    save_file(weights, folder / ADAPTER_WEIGHTS)
    with pytest.raises(SourceError, match="does not fit"):
        load(folder_source(folder))
