"""What went into an export, so that the next one knows whether anything has changed."""

import hashlib
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

import orjson

from model_export.recipes.tuning import Tuning
from model_export.source.folder import Source
from model_export.source.overrides import EncodingOverrides
from udfs.bundle import sha256_of_file

PROVENANCE_FILE = "provenance.json"
TOOLS = ("interestream", "onnx", "onnxruntime", "tokenizers", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class Provenance:
    """What goes into an export; two exports with equal provenance give the same vectors."""

    source: str
    revision: str
    files: Mapping[str, str]
    """sha256 (hex) of the source's files, by name."""
    settings: Mapping[str, Any]
    """Recipe, overrides and tuning, as `settings_of` returns them."""
    tools: Mapping[str, str]


def provenance_of(
    source: Source,
    recipe: str,
    overrides: EncodingOverrides,
    tuning: Tuning = Tuning(),  # noqa: B008
) -> Provenance:
    """Return the provenance of an export that is made now."""
    return Provenance(
        source=source.name,
        revision=source.revision,
        files=source.files,
        settings=settings_of(recipe, overrides, tuning),
        tools=tool_versions(),
    )


def settings_of(
    recipe: str,
    overrides: EncodingOverrides,
    tuning: Tuning = Tuning(),  # noqa: B008
) -> Mapping[str, Any]:
    """Return recipe, overrides and tuning in types that JSON keeps: lists instead of tuples.

    Values of `tuning` are included only where they differ from the default.
    """
    default = asdict(Tuning())
    changed = {
        name: _with_content(value) if isinstance(value, Path) else value
        for name, value in asdict(tuning).items()
        if value != default[name]
    }
    return (
        {"recipe": recipe}
        | asdict(overrides)
        | {"languages": [*overrides.understood]}
        | ({"tuning": changed} if changed else {})
    )


def _with_content(path: Path) -> str:
    """Return the path and a hash of its content, so that an edited file counts as changed."""
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    content = hashlib.sha256()
    for file in files:
        if file.is_file():
            content.update(f"{file.relative_to(path)}\0{sha256_of_file(file)}\n".encode())
    return f"{path} sha256:{content.hexdigest()}"


def tool_versions() -> Mapping[str, str]:
    """Return the versions of Python and of all packages that take part in an export."""
    return {"python": platform.python_version()} | {tool: version_of(tool) for tool in TOOLS}


def provenance_to_json(provenance: Provenance) -> bytes:
    """Return the provenance as indented JSON with sorted keys."""
    return orjson.dumps(
        asdict(provenance),
        option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE,
    )


def provenance_from_json(raw: bytes) -> Provenance | None:
    """Parse what `provenance_to_json` wrote; None for another form, which counts as changed."""
    try:
        return Provenance(**orjson.loads(raw))
    except (orjson.JSONDecodeError, TypeError):
        return None


def changes(old: Provenance, new: Provenance) -> list[str]:
    """Return one line for each difference between two provenances.

    >>> old = Provenance("m", "1", {}, {"recipe": "a"}, {"torch": "2"})
    >>> changes(old, Provenance("m", "1", {}, {"recipe": "b"}, {"torch": "2"}))
    ["setting recipe: 'a', now 'b'"]
    """
    lines = [] if old.source == new.source else [f"source: {old.source!r}, now {new.source!r}"]
    if old.revision != new.revision:
        lines.append(f"revision: {old.revision}, now {new.revision}")
    lines += _differences("file", old.files, new.files)
    lines += _differences("setting", old.settings, new.settings)
    lines += _differences("tool", old.tools, new.tools)
    return lines


def _differences(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield f"{kind} {name}: {old.get(name)!r}, now {new.get(name)!r}"
