"""Weights as pickles are not read; what to say where a model has no others."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from model_export.errors import SourceError

PICKLED_WEIGHTS = "pytorch_model.bin"


def pickles_of(names: Iterable[str]) -> list[str]:
    """Return the names of pickled weights among names of files.

    >>> pickles_of(["config.json", "pytorch_model-00001-of-00002.bin", "training_args.bin"])
    ['pytorch_model-00001-of-00002.bin']
    """
    return sorted(
        name for name in names if name.startswith("pytorch_model") and name.endswith(".bin")
    )


def folders_of_pickles_only(files: Iterable[str]) -> list[str]:
    """Return the folders with pickled weights and no safetensors, `""` for the outermost.

    >>> folders_of_pickles_only(["pytorch_model.bin", "2_Dense/pytorch_model.bin", "a.safetensors"])
    ['2_Dense']
    """
    by_folder: dict[str, list[str]] = {}
    for file in files:
        folder, _, name = file.rpartition("/")
        by_folder.setdefault(folder, []).append(name)
    return sorted(
        folder
        for folder, names in by_folder.items()
        if pickles_of(names) and not any(name.endswith(".safetensors") for name in names)
    )


def pickled_folder_error(transformer: Path) -> SourceError:
    """Return the error for a transformer's folder whose only weights are pickles."""
    return SourceError(
        f"{transformer} has its weights as {PICKLED_WEIGHTS} only, a pickle, which can run code "
        "when it is read; the export reads safetensors. If you trust its makers, convert it:\n"
        f"{conversion(transformer)}"
    )


def pickled_repository_error(repo: str, only: Sequence[str]) -> SourceError:
    """Return the error for a repository of the hub with pickled weights alone in folders `only`."""
    local = Path(repo.rpartition("/")[2])
    where = " and ".join(f"{folder}/{PICKLED_WEIGHTS}".lstrip("/") for folder in only)
    return SourceError(
        f"{repo} has weights as {where} only, a pickle, which can run code when it is read; the "
        "export reads safetensors. If you trust its makers, fetch and convert it, and export the "
        f"folder (--source {local}):\n"
        f"hf download {repo} --local-dir {local}"
        + (f" && {conversion(local)}" if "" in only else "")
    )


def pickled_layer_error(layer: Path) -> SourceError:
    """Return the error for a dense layer's folder whose only weights are a pickle."""
    return SourceError(
        f"{layer} has its weights as {PICKLED_WEIGHTS} only, a pickle, which can run code when it "
        "is read; the export reads safetensors. If you trust its makers, convert it:\n"
        'python -c "import torch; from safetensors.torch import save_file; '
        f"d = {str(layer)!r}; save_file(torch.load(d + '/{PICKLED_WEIGHTS}', weights_only=True), "
        "d + '/model.safetensors')\""
    )


def conversion(folder: Path) -> str:
    """Return the command line that writes a transformer's weights anew, as safetensors."""
    return (
        f'python -c "from transformers import AutoModel; d = {str(folder)!r}; '
        'AutoModel.from_pretrained(d).save_pretrained(d)"'
    )
