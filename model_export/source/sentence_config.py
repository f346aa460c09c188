"""The settings of a sentence-transformers folder: pooling, layers, prompts, lengths."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from model_export.errors import SourceError
from udfs.bundle import Prompts

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
    dense: tuple[Path, ...]
    """Folders of linear layers between pooling and normalisation, in order."""
    prompts: Prompts | None
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
    prompts = read_prompts(settings)
    return SentenceConfig(
        transformer=transformer,
        pooling=read_pooling(folder / pooling[0], prompts) if pooling else None,
        dense=tuple(folder / path for path in modules.get("Dense", [])),
        prompts=prompts,
        max_tokens=lengths.get("max_seq_length"),
        lower_case=bool(lengths.get("do_lower_case", False)),
        dim=settings.get("truncate_dim"),
    )


def _modules(folder: Path) -> Mapping[str, list[str]]:
    """Return the folders of the modules by their kind, in the order they run in."""
    listed = _load(folder / MODULES_FILE)
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


def read_pooling(folder: Path, prompts: Prompts | None) -> Pooling | None:
    """Return the pooling of a module's folder, from the present or the former form of its file.

    Raises SourceError for a pooling that is not supported, or that leaves out `prompts`.
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
    if content.get("include_prompt") is False and prompts not in (None, Prompts()):
        raise SourceError(
            f"{folder} pools without the tokens of the prompt; the graph cannot tell them apart"
        )
    return _POOLINGS[modes.pop()]


def read_prompts(settings: Mapping[str, Any]) -> Prompts | None:
    """Return the prompts by kind, from `config_sentence_transformers.json`.

    An empty prompt counts as none where another name of its kind has one: the library adds
    an empty `document` to what it saves. A kind without any name has the default prompt.
    """
    stated: Mapping[str, str] = settings.get("prompts") or {}
    default = stated.get(settings.get("default_prompt_name") or "") or ""

    def of_kind(*names: str) -> str:
        named = [stated[name] or "" for name in names if name in stated]
        return next(filter(None, named), "") if named else default

    found = Prompts(query=of_kind("query"), document=of_kind("document", "passage", "corpus"))
    return None if found == Prompts() else found


def read_json(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file, empty where there is no file.

    Raises SourceError for other content.
    """
    content = _load(path)
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise SourceError(f"{path} is not a JSON object; download it again")
    return content


def _load(path: Path) -> Any:
    if not path.is_file():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SourceError(f"{path} is not JSON: {error}; download it again") from error


def _first_json(folder: Path, names: tuple[str, ...]) -> dict[str, Any]:
    return next((read_json(folder / name) for name in names if (folder / name).is_file()), {})
