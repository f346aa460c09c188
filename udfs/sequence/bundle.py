"""The layout of a sequence model's bundle and its manifest, for the exporter and the runtime."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from udfs.bundle import MANIFEST_FILE, file_problems
from udfs.errors import BundleNotFoundError, BundleTamperedError, ManifestError

LAYOUT_VERSION = 1
KIND = "sequence"
"""What the manifest's field `kind` says; an encoder's manifest has no such field."""

USERS_FILE = "users.onnx"
"""Graph from the vectors of a user's interactions and their features to the user's vector."""
ITEMS_FILE = "items.npz"
"""Arrays that turn text vectors into the model's vectors of items (`model.ItemVectors`)."""
WEIGHTS_FILE = "weights.npz"
"""Weights from which the next training goes on; nothing reads them to serve."""

_ACCOMPANYING = (WEIGHTS_FILE,)
"""Files that are hashed, but have no effect on vectors."""


@dataclass(frozen=True, slots=True)
class SequenceManifest:
    """What a sequence model is and where it came from."""

    name: str
    version: str
    encoder_sha256: str
    """`bundle_sha256` of the encoder whose text vectors the model reads."""
    mean_sha256: str
    """sha256 (hex) of the mean that was taken off these vectors, as float32 bytes."""
    text_dim: int
    """Components of a text vector."""
    dim: int
    """Components of a vector of the model."""
    max_events: int
    """Interactions of a user that the model reads, the newest."""
    items: int
    """Items with a vector of their own beside their text's; any other item has its text alone."""
    scale: float
    """What a cosine is multiplied by to be a logarithm of chances, up to a constant."""
    recipe: str
    """Precision of the graph: `fp32` or `int8`."""
    seed: int
    steps: int
    trained_until: str
    """Time of the newest interaction that the model was trained with: RFC 3339, UTC."""
    figures: Mapping[str, float] = field(repr=False)
    """What the evaluation and the gate measured, by name."""
    files: Mapping[str, str] = field(repr=False)
    """File name to sha256 (hex) of every file but the manifest."""
    tools: Mapping[str, str] = field(repr=False)
    """Versions of the tools that made the bundle."""
    created_at: str
    """RFC 3339, UTC."""
    kind: str = KIND
    layout_version: int = LAYOUT_VERSION

    @property
    def bundle_sha256(self) -> str:
        """Identity of the vectors: sha256 (hex) over everything that decides them."""
        decisive = {
            "files": {
                name: sha256 for name, sha256 in self.files.items() if name not in _ACCOMPANYING
            },
            "encoder_sha256": self.encoder_sha256,
            "mean_sha256": self.mean_sha256,
            "max_events": self.max_events,
        }
        return hashlib.sha256(orjson.dumps(decisive, option=orjson.OPT_SORT_KEYS)).hexdigest()


def manifest_to_json(manifest: SequenceManifest) -> bytes:
    """Return the manifest as indented JSON with sorted keys, `bundle_sha256` among them."""
    content = asdict(manifest) | {"bundle_sha256": manifest.bundle_sha256}
    return orjson.dumps(
        content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    )


def manifest_from_json(raw: bytes) -> SequenceManifest:
    """Parse a manifest.

    Raises ManifestError when it is not JSON, is that of an encoder, misses a field, has one too
    many or of a wrong type, or when its `bundle_sha256` does not fit the rest.
    """
    try:
        content = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ManifestError(f"the manifest is not JSON ({error}); train the model again") from error
    if not isinstance(content, dict) or content.get("kind") != KIND:
        raise ManifestError("this is not the manifest of a sequence model")
    if content.get("layout_version") != LAYOUT_VERSION:
        raise ManifestError(
            f"sequence model of layout {content.get('layout_version')!r}, this version reads"
            f" {LAYOUT_VERSION}; train the model again with this version"
        )
    stated = content.pop("bundle_sha256", None)
    problems = [
        f"{name} is {content.get(name)!r}"
        for name, types in _TYPES.items()
        if not isinstance(content.get(name), types) or isinstance(content.get(name), bool)
    ]
    problems += [f"{name} is not a field" for name in sorted(content.keys() - _TYPES.keys())]
    if problems:
        raise ManifestError(f"manifest: {'; '.join(problems)}; train the model again")
    manifest = SequenceManifest(**content)
    if stated != manifest.bundle_sha256:
        raise ManifestError(
            f"the manifest states bundle_sha256 {stated}, its content gives"
            f" {manifest.bundle_sha256}; it was edited: fetch or train the model again"
        )
    return manifest


_TYPES: Mapping[str, type[Any] | tuple[type[Any], ...]] = {
    "name": str,
    "version": str,
    "encoder_sha256": str,
    "mean_sha256": str,
    "text_dim": int,
    "dim": int,
    "max_events": int,
    "items": int,
    "scale": (float, int),
    "recipe": str,
    "seed": int,
    "steps": int,
    "trained_until": str,
    "figures": dict,
    "files": dict,
    "tools": dict,
    "created_at": str,
    "kind": str,
    "layout_version": int,
}
"""What each field may be in JSON."""


def verify_sequence(folder: Path) -> SequenceManifest:
    """Hash every file of a bundle again and compare with the manifest, which is returned.

    Raises BundleNotFoundError, ManifestError, or BundleTamperedError that names every file that
    changed, is missing, or is not in the manifest.
    """
    try:
        raw = (folder / MANIFEST_FILE).read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BundleNotFoundError(
            f"no sequence model at {folder}: train one with `python -m model_export sequence`"
        ) from error
    manifest = manifest_from_json(raw)
    if problems := file_problems(folder, manifest.files, (USERS_FILE, ITEMS_FILE)):
        raise BundleTamperedError(
            f"the sequence model at {folder} does not fit its manifest: {'; '.join(problems)}."
            " Fetch it again, or train it again"
        )
    return manifest
