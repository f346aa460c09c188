"""The layout of a model bundle and its manifest: written once, used by exporter and runtime."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import orjson

from udfs.errors import BundleNotFoundError, BundleTamperedError, ManifestError

LAYOUT_VERSION = 1
MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
MANIFEST_FILE = "manifest.json"
OUTPUT_NAME = "embedding"
"""The graph's only output: unit vectors `(batch, dim)` float32."""

ACCOMPANYING_PREFIXES = ("report", "provenance")
"""Prefixes of files that describe how a bundle was made: hashed, but of no effect on vectors."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """Text in front of every input, by kind; empty for models that were trained without."""

    query: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class ParityFigures:
    """How close the published graph came to the model it was made from."""

    texts: int
    """Number of texts compared."""
    min_cosine: float
    """Smallest cosine between the graph's vector and the model's."""
    max_abs_difference: float
    """Largest absolute difference of one component."""
    min_batch_cosine: float
    """Smallest cosine between a text encoded alone and the same text in a batch."""
    max_batch_ulps: int
    """Largest distance of the same two after rounding to float16, in units in the last place."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle is and where it came from."""

    name: str
    version: str
    source: str
    """Where the weights came from: a package, a folder's name, or a repository of the hub."""
    revision: str
    """Commit of the hub's repository, or sha256 of the source's weights."""
    files: Mapping[str, str] = field(repr=False)
    """File name to sha256 (hex) of every file but the manifest."""
    dim: int
    """Components of a vector."""
    pooling: str
    """How token vectors become one vector: `mean`, `cls` (the first) or `last`."""
    prompts: Prompts
    max_tokens: int
    """Longest input in tokens, special tokens included; the rest of a text is cut off."""
    pad_token_id: int
    recipe: str
    """Precision and fusions of the graph, for example `fp32-fused`."""
    parity: ParityFigures
    tools: Mapping[str, str] = field(repr=False)
    """Versions of the tools that made the bundle."""
    created_at: str
    """RFC 3339, UTC."""
    layout_version: int = LAYOUT_VERSION
    languages: tuple[str, ...] = ("en",)
    """Codes of the languages that the model understands; a manifest without them means English."""

    @property
    def bundle_sha256(self) -> str:
        """Identity of the vectors: sha256 (hex) over everything that decides them.

        These are the files, the prompts and the longest input, but not name, version, time of
        creation and reports. Two bundles of the same value give the same vectors.
        """
        decisive = {
            "files": {
                name: sha256
                for name, sha256 in self.files.items()
                if not name.startswith(ACCOMPANYING_PREFIXES)
            },
            "max_tokens": self.max_tokens,
            "prompts": asdict(self.prompts),
        }
        return hashlib.sha256(orjson.dumps(decisive, option=orjson.OPT_SORT_KEYS)).hexdigest()


def manifest_to_json(manifest: Manifest) -> bytes:
    """Return the manifest as indented JSON with sorted keys, `bundle_sha256` among them."""
    content = asdict(manifest) | {"bundle_sha256": manifest.bundle_sha256}
    return orjson.dumps(
        content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    )


def manifest_from_json(raw: bytes) -> Manifest:
    """Parse a manifest.

    Raises ManifestError when it is not JSON, misses a field, has one of a wrong type or of a
    layout this version does not know, or when its `bundle_sha256` does not fit the rest.
    """
    try:
        content = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ManifestError(
            f"the manifest is not JSON ({error}); export the bundle again"
        ) from error
    if not isinstance(content, dict):
        raise ManifestError("the manifest is not a JSON object; export the bundle again")
    if content.get("layout_version") != LAYOUT_VERSION:
        raise ManifestError(
            f"bundle layout {content.get('layout_version')!r}, this version reads "
            f"{LAYOUT_VERSION}; export the bundle again with this version"
        )
    stated = content.pop("bundle_sha256", None)
    content.setdefault("languages", ["en"])
    manifest = _manifest_of(content)
    if stated != manifest.bundle_sha256:
        raise ManifestError(
            f"the manifest states bundle_sha256 {stated}, its content gives "
            f"{manifest.bundle_sha256}; it was edited: fetch or export the bundle again"
        )
    return manifest


def _manifest_of(content: dict[str, Any]) -> Manifest:
    _require_types(
        "manifest",
        content,
        {item.name: _JSON_TYPES[item.type] for item in fields(Manifest)},
    )
    _require_types("prompts", content["prompts"], dict.fromkeys(("query", "document"), (str,)))
    _require_types(
        "parity",
        content["parity"],
        {item.name: _JSON_TYPES[item.type] for item in fields(ParityFigures)},
    )
    return Manifest(
        **content
        | {
            "prompts": Prompts(**content["prompts"]),
            "parity": ParityFigures(**content["parity"]),
            "languages": _languages(content["languages"]),
        }
    )


def _languages(codes: list[Any]) -> tuple[str, ...]:
    if not codes or not all(isinstance(code, str) and code for code in codes):
        raise ManifestError(f"manifest: languages is {codes!r}; export the bundle again")
    return tuple(codes)


_JSON_TYPES: Mapping[Any, tuple[type, ...]] = {
    str: (str,),
    int: (int,),
    float: (float, int),
    Mapping[str, str]: (dict,),
    tuple[str, ...]: (list,),
    Prompts: (dict,),
    ParityFigures: (dict,),
}
"""What a field of a manifest's dataclasses may be in JSON, by the field's type."""


def _require_types(
    where: str, content: Mapping[str, Any], wanted: Mapping[str, tuple[type, ...]]
) -> None:
    problems = [f"misses {name}" for name in wanted if name not in content]
    problems += [f"has an unknown field {name}" for name in content if name not in wanted]
    problems += [
        f"{name} is {content[name]!r}"
        for name, types in wanted.items()
        if name in content
        and (not isinstance(content[name], types) or isinstance(content[name], bool))
    ]
    if problems:
        raise ManifestError(f"{where}: {'; '.join(problems)}; export the bundle again")


def read_manifest(bundle_dir: Path | str) -> Manifest:
    """Read `manifest.json` of a bundle without looking at its files.

    Raises BundleNotFoundError when there is none and ManifestError when it cannot be used.
    """
    path = Path(bundle_dir) / MANIFEST_FILE
    try:
        raw = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BundleNotFoundError(
            f"no bundle at {bundle_dir}: export one with `python -m model_export --out DIR`"
        ) from error
    return manifest_from_json(raw)


def sha256_of_file(path: Path) -> str:
    """Return sha256 (hex) of a file's content."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def hash_files(bundle_dir: Path) -> dict[str, str]:
    """Return sha256 (hex) of every file below a folder but the manifest, by its relative name."""
    return {
        path.relative_to(bundle_dir).as_posix(): sha256_of_file(path)
        for path in sorted(bundle_dir.rglob("*"))
        if path.is_file() and path != bundle_dir / MANIFEST_FILE
    }


def file_problems(folder: Path, stated: Mapping[str, str], needed: Sequence[str]) -> list[str]:
    """Return what of a folder does not fit the hashes that its manifest states, one line a file.

    A file of `needed` must be stated, too.
    """
    found = hash_files(folder)
    wanted = dict.fromkeys(needed, "nothing") | dict(stated)
    return [
        f"{name}: found {found.get(name, 'nothing')}, the manifest says "
        f"{wanted.get(name, 'nothing')}"
        for name in sorted(found.keys() | wanted.keys())
        if found.get(name) != wanted.get(name)
    ]


def verify(bundle_dir: Path | str) -> Manifest:
    """Hash every file of a bundle again and compare with the manifest, which is returned.

    Raises BundleNotFoundError, ManifestError, or BundleTamperedError that names every file
    that changed, is missing, or is not in the manifest.
    """
    manifest = read_manifest(bundle_dir)
    if problems := file_problems(Path(bundle_dir), manifest.files, (MODEL_FILE, TOKENIZER_FILE)):
        raise BundleTamperedError(
            f"the bundle at {bundle_dir} does not fit its manifest: {'; '.join(problems)}. "
            "Fetch it again, or export it again"
        )
    return manifest
