"""The whole export: model in, published bundle out."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version as version_of
from pathlib import Path
from tempfile import TemporaryDirectory

from tokenizers import Tokenizer

from model_export.export import export_graph
from model_export.fuse import RECIPE, fuse_graph
from model_export.load import LoadedModel, load
from model_export.parity import reference_vectors, require_parity, run_graph
from model_export.parity_texts import PARITY_TEXTS
from model_export.publish import publish
from model_export.source import Source
from model_export.tolerances import FP32
from udfs.bundle import MODEL_FILE, TOKENIZER_FILE, Manifest, ParityFigures, hash_files
from udfs.encoder import Encoder
from udfs.session import open_session

STEPS = ("load", "export", "fuse", "compare", "publish")

_UNMEASURED = ParityFigures(0, 0.0, 0.0, 0.0, 0)


def build_bundle(
    source: Source,
    out: Path,
    name: str,
    version: str,
    on_step: Callable[[str], None] = lambda step: None,
) -> Path:
    """Export the model of `source` to `out/name/version` and return that folder.

    `on_step` is told each of STEPS as it begins. Nothing is published unless the parity gate
    holds. Raises the errors of `model_export.errors`.
    """
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".export-", dir=out) as workspace:
        staged = Path(workspace) / "bundle"
        staged.mkdir()
        on_step("load")
        model = load(source)
        on_step("export")
        export_graph(model, Path(workspace) / "raw.onnx")
        on_step("fuse")
        fuse_graph(model, Path(workspace) / "raw.onnx", staged / MODEL_FILE)
        write_tokenizer(source, staged)
        on_step("compare")
        draft = describe(model, name, version, hash_files(staged), _UNMEASURED)
        figures = compare(model, staged, draft)
        on_step("publish")
        manifest = describe(model, name, version, draft.files, figures)
        return publish(staged, out, manifest)


def write_tokenizer(source: Source, staged: Path) -> None:
    """Copy the tokenizer without padding and truncation: the runtime decides about both."""
    tokenizer = Tokenizer.from_file(str(source.tokenizer_file))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(staged / TOKENIZER_FILE))


def compare(model: LoadedModel, staged: Path, manifest: Manifest) -> ParityFigures:
    """Run the parity gate on staged files as the runtime would load them."""
    encoder = Encoder(
        manifest,
        open_session(staged / MODEL_FILE, "cpu", threads=0),
        Tokenizer.from_file(str(staged / TOKENIZER_FILE)),
    )
    reference = reference_vectors(model, PARITY_TEXTS)
    return require_parity(run_graph(encoder, reference, PARITY_TEXTS), FP32)


def describe(
    model: LoadedModel,
    name: str,
    version: str,
    files: Mapping[str, str],
    parity: ParityFigures,
) -> Manifest:
    """The manifest of an export that was made just now."""
    return Manifest(
        name=name,
        version=version,
        source=model.source.name,
        revision=model.source.weights_sha256,
        files=files,
        dim=model.dim,
        pooling=model.pooling,
        prompts=model.prompts,
        max_tokens=model.max_tokens,
        pad_token_id=model.pad_token_id,
        recipe=RECIPE,
        parity=parity,
        tools={"python": platform.python_version()}
        | {tool: version_of(tool) for tool in ("onnx", "onnxruntime", "tokenizers")}
        | {tool: version_of(tool) for tool in ("torch", "transformers")},
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
