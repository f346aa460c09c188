"""What a recipe is: it makes the graph to publish from the fused float32 one, and judges it."""

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
    """A folder for everything else, removed after the export."""
    draft: Manifest
    """The manifest as far as it is known: dimension, prompts, longest input."""
    listener: ExportListener = SILENT
    tuning: Tuning = Tuning()  # noqa: RUF009

    def encoder(self, graph: Path, threads: int = 0) -> Encoder:
        """Open a graph as the runtime would, with the staged tokenizer.

        `threads` is the number of threads that one call may use, 0 for one a core.
        """
        return Encoder(
            self.draft,
            open_session(graph, "cpu", threads),
            Tokenizer.from_file(str(self.staged / TOKENIZER_FILE)),
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a recipe made: `model.onnx` in the staged folder, which has passed its gate."""

    recipe: str
    """Name of the graph for the manifest: precision, quantisation, fusions."""
    parity: ParityFigures
    report: Mapping[str, bytes] = field(default_factory=dict)
    """Files to publish beside the graph, by name; names begin with `report`."""


Recipe = Callable[[RecipeContext], Outcome]
"""Raises ParityError, which lists what fell short and by how much, when no graph passes."""
