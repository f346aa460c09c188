"""From the fused float32 graph to the graph that is published: a recipe makes it and judges it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tokenizers import Tokenizer

from model_export.listener import SILENT, ExportListener
from model_export.recipes.tuning import Tuning
from model_export.source.load import LoadedModel
from udfs.bundle import TOKENIZER_FILE, Manifest, ParityFigures
from udfs.encoder import Encoder
from udfs.session import open_session


@dataclass(frozen=True, slots=True)
class RecipeContext:
    """What a recipe is given to make its graph from."""

    model: LoadedModel
    fused: Path
    """The float32 graph with ONNX Runtime's fusions; weights beyond 2 GB lie beside it."""
    staged: Path
    """The folder that will be published: holds the tokenizer, gets `model.onnx`."""
    scratch: Path
    """For everything else; gone after the export."""
    draft: Manifest
    """The manifest as far as it is known: dimension, prompts, longest input."""
    listener: ExportListener = SILENT
    tuning: Tuning = Tuning()  # noqa: RUF009

    def encoder(self, graph: Path, threads: int = 0) -> Encoder:
        """A graph opened as the runtime would open it, with the staged tokenizer."""
        return Encoder(
            self.draft,
            open_session(graph, "cpu", threads),
            Tokenizer.from_file(str(self.staged / TOKENIZER_FILE)),
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """A graph that stands in `staged/model.onnx` and has passed its gate."""

    recipe: str
    """What was made, for the manifest: precision, quantisation, fusions."""
    parity: ParityFigures
    report: Mapping[str, bytes] = field(default_factory=dict)
    """Files to publish beside the graph, by name; names begin with `report`."""


Recipe = Callable[[RecipeContext], Outcome]
"""Raises ParityError, saying what fell short and by how much, when nothing passes its gate."""
