"""One small model with random weights, fused once for all tests."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from model_export.export import export_graph
from model_export.fuse import fuse_graph
from model_export.quantise.calibration import Batch, feed_of
from model_export.quantise.candidate_inputs import CandidateInputs
from model_export.quantise.plain_session import plain_session
from model_export.source.folder import folder_source
from model_export.source.load import load
from tests.model_export.builders import tiny_model
from udfs.batching import pad

WORDS = ["tea", "tree", "night", "river", "paper", "house", "train", "winter", "garden"]
LOUD = "stone"
"""A word whose embedding has one number far from the others, as trained models have some."""


@dataclass(frozen=True)
class Tiny:
    """A fused graph and token batches for it."""

    fused: Path
    tokenizer_file: Path
    tuning: list[Batch]
    judging: list[Batch]


def vectors(graph: Path, batches: list[Batch]) -> NDArray[np.float32]:
    session = plain_session(graph, threads=1)
    names = [item.name for item in session.get_inputs()]
    return np.concatenate([session.run(None, feed_of(names, batch))[0] for batch in batches])


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    folder = tmp_path_factory.mktemp("tiny")
    source = tiny_model(folder / "source")
    model = load(folder_source(source))
    tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    tokenizer.no_padding()
    with torch.no_grad():
        words = model.transformer.embeddings.word_embeddings.weight
        words[tokenizer.token_to_id(LOUD), 3] = 1.0
        # As they are drawn, the layers hardly change what goes through them.
        for name, weights in model.transformer.encoder.named_parameters():
            if name.endswith("weight") and weights.ndim == 2:
                weights.mul_(6)
    export_graph(model, folder / "raw.onnx")
    (folder / "fused").mkdir()
    fuse_graph(model, folder / "raw.onnx", folder / "fused" / "model.onnx")
    rng = np.random.default_rng(5)

    def batches(count: int) -> list[Batch]:
        return [
            pad(
                [
                    tokenizer.encode(" ".join(rng.choice([*WORDS, LOUD], rng.integers(1, 20)))).ids
                    for _ in range(8)
                ],
                0,
            )
            for _ in range(count)
        ]

    return Tiny(folder / "fused" / "model.onnx", source / "tokenizer.json", batches(8), batches(4))


@pytest.fixture
def new_candidate_inputs(tiny: Tiny, tmp_path: Path) -> Callable[[], CandidateInputs]:
    return lambda: CandidateInputs(tiny.fused, tiny.tuning, tmp_path)


@pytest.fixture(scope="session")
def candidate_inputs(tiny: Tiny, tmp_path_factory: pytest.TempPathFactory) -> CandidateInputs:
    return CandidateInputs(tiny.fused, tiny.tuning, tmp_path_factory.mktemp("candidates"))
