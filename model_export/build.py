"""The whole export: model in, published bundle out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from model_export.export import export_graph
from model_export.fuse import RECIPE, fuse_graph
from model_export.listener import SILENT, ExportListener
from model_export.provenance import PROVENANCE_FILE, Provenance, provenance_of, provenance_to_json
from model_export.publishing.publish import bundle_path, publish
from model_export.recipes.names import recipe_of
from model_export.recipes.recipe import RecipeContext
from model_export.recipes.tuning import Tuning
from model_export.source.folder import Source
from model_export.source.languages import languages_note
from model_export.source.load import LoadedModel, load
from model_export.source.overrides import EncodingOverrides
from udfs.bundle import (
    MANIFEST_FILE,
    MODEL_FILE,
    TOKENIZER_FILE,
    Manifest,
    ParityFigures,
    hash_files,
    manifest_to_json,
    verify,
)
from udfs.registry.registry import open_registry

STEPS = ("load", "export", "fuse", "judge", "publish")

_UNMEASURED = ParityFigures(0, 0.0, 0.0, 0.0, 0)


def build_bundle(
    source: Source,
    out: Path,
    name: str,
    version: str,
    listener: ExportListener = SILENT,
) -> Path:
    """Export the model of `source` in float32 to `out/name/version` and return that folder.

    Nothing is published unless the parity gate holds. Raises the errors of
    `model_export.errors`.
    """
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".export-", dir=out) as workspace:
        staged = make_bundle(source, Path(workspace), name, lambda _: version, listener)
        listener.on_step("publish")
        reference = publish(staged, open_registry(out))
        return bundle_path(out, reference.name, reference.version)


def make_bundle(
    source: Source,
    workspace: Path,
    name: str,
    version_of: Callable[[Manifest], str],
    listener: ExportListener = SILENT,
    *,
    recipe: str = RECIPE,
    overrides: EncodingOverrides = EncodingOverrides(),  # noqa: B008
    tuning: Tuning = Tuning(),  # noqa: B008
) -> Path:
    """Export the model of `source` to a verified bundle inside `workspace` and return its folder.

    `version_of` names the version when all else of the manifest is known. Raises ParityError
    when the recipe's gate does not hold, and the other errors of `model_export.errors`.
    """
    staged = workspace / "bundle"
    staged.mkdir()
    listener.on_step("load")
    model = load(source, overrides)
    for note in (*model.notes, languages_note(overrides.languages)):
        listener.on_note(note)
    provenance = provenance_of(source, recipe, overrides, tuning)
    listener.on_step("export")
    (workspace / "raw").mkdir()
    export_graph(model, workspace / "raw" / MODEL_FILE)
    listener.on_step("fuse")
    (workspace / "fused").mkdir()
    fuse_graph(model, workspace / "raw" / MODEL_FILE, workspace / "fused" / MODEL_FILE)
    write_tokenizer(model, staged)
    listener.on_step("judge")
    (workspace / "scratch").mkdir()
    draft = describe(model, name, provenance, overrides.understood)
    outcome = recipe_of(recipe)(
        RecipeContext(
            model=model,
            fused=workspace / "fused" / MODEL_FILE,
            staged=staged,
            scratch=workspace / "scratch",
            draft=draft,
            listener=listener,
            tuning=tuning,
        )
    )
    (staged / PROVENANCE_FILE).write_bytes(provenance_to_json(provenance))
    for file, content in outcome.report.items():
        (staged / file).write_bytes(content)
    manifest = replace(
        draft, files=hash_files(staged), recipe=outcome.recipe, parity=outcome.parity
    )
    manifest = replace(manifest, version=version_of(manifest))
    (staged / MANIFEST_FILE).write_bytes(manifest_to_json(manifest))
    verify(staged)
    return staged


def timed_version(manifest: Manifest) -> str:
    """Return a version that sorts by time and names the vectors: creation time and bundle hash."""
    moment = datetime.fromisoformat(manifest.created_at).astimezone(UTC)
    return f"{moment:%Y%m%dT%H%M%SZ}-{manifest.bundle_sha256[:8]}"


def write_tokenizer(model: LoadedModel, staged: Path) -> None:
    """Write the tokenizer to `staged` without padding and truncation, which the runtime sets."""
    tokenizer = model.tokenizer.backend_tokenizer
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(staged / TOKENIZER_FILE))


def describe(
    model: LoadedModel, name: str, provenance: Provenance, languages: tuple[str, ...]
) -> Manifest:
    """Return the manifest of a bundle in the making, without what its recipe decides."""
    return Manifest(
        name=name,
        version="draft",
        source=provenance.source,
        revision=provenance.revision,
        files={},
        dim=model.dim,
        pooling=model.pooling,
        prompts=model.prompts,
        max_tokens=model.max_tokens,
        pad_token_id=model.pad_token_id,
        recipe="draft",
        parity=_UNMEASURED,
        tools=provenance.tools,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        languages=languages,
    )
