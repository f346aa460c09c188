"""A linear layer behind the pooling, as sentence-transformers stores it."""

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from model_export.errors import SourceError
from model_export.source.json_file import read_json
from model_export.source.pickles import PICKLED_WEIGHTS, pickled_layer_error

_WEIGHTS = "model.safetensors"
_ACTIVATIONS: dict[str, Callable[[], torch.nn.Module]] = {
    "Identity": torch.nn.Identity,
    "Tanh": torch.nn.Tanh,
    "ReLU": torch.nn.ReLU,
    "GELU": torch.nn.GELU,
}


class Dense(torch.nn.Module):
    """A linear layer with an activation behind it."""

    def __init__(self, linear: torch.nn.Linear, activation: torch.nn.Module) -> None:
        super().__init__()
        self.linear = linear
        self.activation = activation

    def forward(self, vectors: Tensor) -> Tensor:
        """Map `(batch, in_features)` to `(batch, out_features)`, both float32."""
        activated: Tensor = self.activation(self.linear(vectors))
        return activated


def read_dense(folder: Path) -> Dense:
    """Load the layer of a module's folder.

    Raises SourceError for an activation that is not supported, or weights that do not fit or are
    a pickle.
    """
    if (folder / PICKLED_WEIGHTS).is_file() and not (folder / _WEIGHTS).is_file():
        raise pickled_layer_error(folder)
    config = read_json(folder / "config.json")
    name = str(config.get("activation_function", "Tanh")).rpartition(".")[2]
    if name not in _ACTIVATIONS:
        raise SourceError(f"{folder}: activation {name}; use one of {', '.join(_ACTIVATIONS)}")
    try:
        linear = torch.nn.Linear(
            config["in_features"], config["out_features"], bias=config.get("bias", True)
        )
        weights = load_file(folder / _WEIGHTS)
        linear.load_state_dict({key.removeprefix("linear."): w for key, w in weights.items()})
    except (KeyError, OSError, RuntimeError, SafetensorError) as error:
        raise SourceError(f"cannot load the layer in {folder}: {error}") from error
    return Dense(linear.float().eval(), _ACTIVATIONS[name]())
