"""A small model with random weights, laid out as Hugging Face does."""

import json
import shutil
from pathlib import Path

from model_export.source.folder import packaged_source


def tiny_model(folder: Path, pooling: str = "mean_tokens", max_tokens: int = 32) -> Path:
    """Two layers of width 32 with the packaged model's tokenizer."""
    import torch
    from transformers import BertConfig, BertModel

    torch.set_num_threads(1)  # threads cost a model of this size far more than they give
    torch.manual_seed(0)
    config = BertConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder)
    packaged = packaged_source().folder
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(packaged / name, folder / name)
    (folder / "1_Pooling").mkdir()
    write_json(folder / "1_Pooling" / "config.json", {f"pooling_mode_{pooling}": True})
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": max_tokens})
    return folder


def write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content))


def empty_model(folder: Path, weights: bytes = b"weights") -> Path:
    """The files a source must have, with nothing useful in them."""
    folder.mkdir(parents=True)
    write_json(folder / "config.json", {"model_type": "bert"})
    (folder / "tokenizer.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(weights)
    return folder
