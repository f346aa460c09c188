"""The settings of a sentence-transformers folder: pooling, layers, prompts, lengths."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from model_export.errors import SourceError
from model_export.source.json_file import load_json, read_json
from model_export.source.stated_prompts import StatedPrompts, read_prompts

Pooling = Literal["mean", "cls", "last"]

MODULES_FILE = "modules.json"
SETTINGS_FILE = "config_sentence_transformers.json"

_POOLINGS: Mapping[str, Pooling] = {"mean": "mean", "cls": "cls", "lasttoken": "last"}
_FORMER_NAMES = {"mean_tokens": "mean", "cls_token": "cls", "lasttoken": "lasttoken"}
_LENGTH_FILES = tuple(
    f"sentence_{kind}_config.json"
    for kind in ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
)


@dataclass(frozen=True, slots=True)
class SentenceConfig:
    """Settings of a folder; None where it has none."""

    transformer: Path
    """Folder of the transformer: the model's folder, or one inside it."""
    pooling: Pooling | None
    pools_prompt: bool
    """Whether the tokens of the prompt are pooled as well."""
    dense: tuple[Path, ...]
    """Folders of linear layers between pooling and normalisation, in order."""
    normalises: bool
    """Whether a module makes vectors of length 1."""
    similarity: str | None
    """How the model's makers compare its vectors: `cosine`, `dot`, ..."""
    prompts: StatedPrompts
    max_tokens: int | None
    """Longest input in tokens."""
    lower_case: bool
    dim: int | None
    """Components that are kept of a vector (Matryoshka)."""


def read_sentence_config(folder: Path) -> SentenceConfig:
    """Read `modules.json` and the files it points to.

    Raises SourceError for a module or a pooling that the exported graph would not have.
    """
    modules = _modules(folder)
    transformer = folder / modules.get("Transformer", [""])[0]
    pooling = modules.get("Pooling", [])
    lengths = _first_json(transformer, _LENGTH_FILES)
    settings = read_json(folder / SETTINGS_FILE)
    return SentenceConfig(
        transformer=transformer,
        pooling=read_pooling(folder / pooling[0]) if pooling else None,
        pools_prompt=not pooling or pools_prompt(folder / pooling[0]),
        dense=tuple(folder / path for path in modules.get("Dense", [])),
        normalises="Normalize" in modules,
        similarity=settings.get("similarity_fn_name"),
        prompts=read_prompts(settings),
        max_tokens=lengths.get("max_seq_length"),
        lower_case=bool(lengths.get("do_lower_case", False)),
        dim=settings.get("truncate_dim"),
    )


def _modules(folder: Path) -> Mapping[str, list[str]]:
    """Return the folders of the modules by their kind, in the order they run in."""
    listed = load_json(folder / MODULES_FILE)
    if not listed:
        return {"Pooling": ["1_Pooling"]} if (folder / "1_Pooling").is_dir() else {}
    found: dict[str, list[str]] = {}
    for module in listed:
        found.setdefault(str(module["type"]).rpartition(".")[2], []).append(module["path"])
    kinds = [str(module["type"]).rpartition(".")[2] for module in listed]
    layers = kinds[2:-1] if kinds[-1] == "Normalize" else kinds[2:]
    if kinds[:2] != ["Transformer", "Pooling"] or {*layers} - {"Dense"}:
        raise SourceError(
            f"{folder / MODULES_FILE} lists {', '.join(kinds)}; the export supports Transformer, "
            "Pooling, Dense (any number), Normalize, in this order"
        )
    return found


def read_pooling(folder: Path) -> Pooling | None:
    """Return the pooling of a module's folder, from the present or the former form of its file.

    Raises SourceError for a pooling that is not supported.
    """
    content = read_json(folder / "config.json")
    if "pooling_mode" in content:
        stated = content["pooling_mode"]
        modes = {stated} if isinstance(stated, str) else {*stated}
    else:
        former = {
            key.removeprefix("pooling_mode_")
            for key, value in content.items()
            if key.startswith("pooling_mode_") and value is True
        }
        modes = {_FORMER_NAMES.get(mode, mode) for mode in former}
    if not modes:
        return None
    if len(modes) > 1 or not modes <= _POOLINGS.keys():
        raise SourceError(
            f"pooling {', '.join(sorted(modes))} is not supported: use mean, cls or lasttoken"
        )
    return _POOLINGS[modes.pop()]


def pools_prompt(folder: Path) -> bool:
    """Return whether the tokens of the prompt are pooled, from a pooling module's folder."""
    return read_json(folder / "config.json").get("include_prompt") is not False


def _first_json(folder: Path, names: tuple[str, ...]) -> dict[str, Any]:
    return next((read_json(folder / name) for name in names if (folder / name).is_file()), {})
