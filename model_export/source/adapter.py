"""A LoRA adapter beside a model's weights: merged into them, or refused, never left out."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from safetensors.torch import load_file

from model_export.errors import SourceError
from model_export.source.json_file import read_json

ADAPTER_CONFIG = "adapter_config.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"
_MERGED = "model.merge_and_unload().save_pretrained('MERGED')"


def has_adapter(folder: Path) -> bool:
    """Return whether a transformer's folder has an adapter of the library peft."""
    return (folder / ADAPTER_CONFIG).is_file()


def require_mergeable(folder: Path) -> None:
    """Raise SourceError unless the adapter of `folder` can be merged into the weights beside it."""
    stated = read_json(folder / ADAPTER_CONFIG)
    kind = str(stated.get("peft_type"))
    if not (folder / "config.json").is_file():
        raise SourceError(
            f"{folder} is an adapter ({kind}) of {stated.get('base_model_name_or_path')} without "
            f"that model: load both with peft, merge them ({_MERGED}) and export the merged model"
        )
    if kind != "LORA":
        raise SourceError(
            f"{folder / ADAPTER_CONFIG} is an adapter of the kind {kind}; the export merges LORA "
            "only: export a folder with the adapter merged into the weights, or without it"
        )
    if not (folder / ADAPTER_WEIGHTS).is_file():
        raise SourceError(f"{folder} has {ADAPTER_CONFIG} without {ADAPTER_WEIGHTS}: add it")
    if find_spec("peft") is None:
        raise SourceError(
            f"{folder} has a LoRA adapter ({ADAPTER_CONFIG}), without which its vectors are "
            f"another model's: pip install peft merges it at the export. Or merge it yourself "
            f"({_MERGED}) and export that, or take {ADAPTER_CONFIG} away to export the base"
        )


@contextmanager
def without_adapter(folder: Path) -> Iterator[Path]:
    """Yield a folder with the files of `folder` but for its adapter.

    Where peft is installed, transformers would look for the base model on the hub otherwise.
    """
    if not has_adapter(folder):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="base-") as base:
        for file in folder.iterdir():
            if not file.name.startswith("adapter_"):
                (Path(base) / file.name).symlink_to(file.resolve())
        yield Path(base)


def merged(transformer: Any, folder: Path) -> Any:
    """Return the transformer with the adapter of `folder` added to its weights.

    Raises SourceError when peft cannot do that, or a weight of the adapter has no place in it.
    """
    from peft import PeftModel, get_peft_model_state_dict  # noqa: PLC0415  # few need it

    try:
        model = PeftModel.from_pretrained(transformer, str(folder), local_files_only=True)
        stated = load_file(folder / ADAPTER_WEIGHTS)
        # peft fills weights that the file lacks with its own, and leaves out what fits nowhere.
        # Without `save_embedding_layers` it would ask the hub about the base.
        found = get_peft_model_state_dict(model, save_embedding_layers=False)
        odd = stated.keys() ^ found.keys()
        if odd:
            raise SourceError(
                f"the adapter in {folder} does not fit the model beside it: {sorted(odd)[0]}"
            )
        return model.merge_and_unload(safe_merge=True).eval()
    except SourceError:
        raise
    except Exception as error:  # whatever peft raises: the base alone is another model
        raise SourceError(f"cannot merge the adapter in {folder}: {error}") from error
