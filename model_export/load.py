"""Load a sentence encoder into PyTorch, with what its folder says about using it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors import SafetensorError
from transformers import AutoModel

from model_export.errors import SourceError
from model_export.source import Source
from udfs.bundle import Prompts

Pooling = Literal["mean", "cls"]

SUPPORTED_MODEL_TYPES = ("bert",)
"""Architectures whose export is tested: inputs, positions and fusions differ between them."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A transformer in eval mode, float32, and how its token vectors become one vector."""

    transformer: Any
    source: Source
    pooling: Pooling
    prompts: Prompts
    max_tokens: int

    @property
    def dim(self) -> int:
        """Components of a vector."""
        return int(self.transformer.config.hidden_size)

    @property
    def pad_token_id(self) -> int:
        return int(self.transformer.config.pad_token_id or 0)

    @property
    def uses_token_types(self) -> bool:
        """Whether the transformer tells two segments of an input apart, as BERT does."""
        return int(self.transformer.config.type_vocab_size) > 1


def load(source: Source) -> LoadedModel:
    """Load the model of a folder; nothing is downloaded and no code from the folder runs.

    Raises SourceError when the folder's architecture or pooling is not supported or its
    weights cannot be loaded.
    """
    model_type = _read_json(source.folder / "config.json").get("model_type")
    if model_type not in SUPPORTED_MODEL_TYPES:
        raise SourceError(
            f"{source.folder} is a {model_type!r} model, the export supports "
            f"{', '.join(SUPPORTED_MODEL_TYPES)}"
        )
    pooling = read_pooling(source.folder)
    try:
        transformer, report = AutoModel.from_pretrained(
            source.folder,
            output_loading_info=True,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            # The fusions of the next step know attention written out, not the fused kernels.
            attn_implementation="eager",
            dtype=torch.float32,
        )
    except (OSError, ValueError, SafetensorError) as error:
        raise SourceError(f"cannot load the model in {source.folder}: {error}") from error
    # What the file lacks would be filled with random numbers; only the pooler is never used.
    random = [key for key in report["missing_keys"] if not key.startswith("pooler.")]
    if random:
        raise SourceError(
            f"the weights in {source.folder} miss {', '.join(random[:5])}"
            f"{' and more' if len(random) > 5 else ''}; download the whole model repository"
        )
    return LoadedModel(
        transformer=transformer.eval(),
        source=source,
        pooling=pooling,
        prompts=read_prompts(source.folder),
        max_tokens=read_max_tokens(source.folder, transformer.config.max_position_embeddings),
    )


def read_pooling(folder: Path) -> Pooling:
    """`mean` or `cls`, from `1_Pooling/config.json`; mean where there is none."""
    modes = {
        key.removeprefix("pooling_mode_")
        for key, value in _read_json(folder / "1_Pooling" / "config.json").items()
        if key.startswith("pooling_mode_") and value is True
    } or {"mean_tokens"}
    if modes == {"mean_tokens"}:
        return "mean"
    if modes == {"cls_token"}:
        return "cls"
    raise SourceError(f"pooling {', '.join(sorted(modes))} is not supported: use mean or cls")


def read_prompts(folder: Path) -> Prompts:
    """Prompts by kind, from `config_sentence_transformers.json`; empty where there are none."""
    prompts = _read_json(folder / "config_sentence_transformers.json").get("prompts", {})
    return Prompts(
        query=prompts.get("query", ""),
        document=prompts.get("document", prompts.get("passage", "")),
    )


def read_max_tokens(folder: Path, positions: int) -> int:
    """Longest input, from `sentence_bert_config.json`, never more than the model's positions."""
    stated = _read_json(folder / "sentence_bert_config.json").get("max_seq_length")
    return min(int(stated or positions), positions)


def _read_json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_bytes()) if path.is_file() else {}
    return content
