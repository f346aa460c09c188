"""A student of fewer layers, which begin as some of the teacher's."""

import copy
from dataclasses import replace

import numpy as np
import torch

from model_export.errors import DistilError
from model_export.source.load import LoadedModel


def kept_layers(layers: int, kept: int) -> list[int]:
    """Return the positions of the layers to keep, evenly spread from the first to the last.

    Raises DistilError unless at least one layer is kept and at least one is dropped.

    >>> kept_layers(6, 3)
    [0, 2, 5]
    """
    if not 1 <= kept < layers:
        raise DistilError(f"the teacher has {layers} layers: a student keeps 1 to {layers - 1}")
    return [int(position) for position in np.linspace(0, layers - 1, kept)]


def shallow(model: LoadedModel, kept: int) -> LoadedModel:
    """Return a copy of the model with `kept` of its layers.

    Raises DistilError when the model has no list of its layers, or too few of them.
    """
    transformer = copy.deepcopy(model.transformer)
    count = int(transformer.config.num_hidden_layers)
    places = [
        (module, name)
        for module in transformer.modules()
        for name, child in module.named_children()
        if isinstance(child, torch.nn.ModuleList) and len(child) == count
    ]
    if len(places) != 1:
        raise DistilError(f"cannot find the layers of a {transformer.config.model_type!r} model")
    owner, name = places[0]
    chosen = kept_layers(count, kept)
    layers = getattr(owner, name)
    setattr(owner, name, torch.nn.ModuleList(layers[position] for position in chosen))
    transformer.config.num_hidden_layers = kept
    if getattr(transformer.config, "layer_types", None):
        types = transformer.config.layer_types
        transformer.config.layer_types = [types[position] for position in chosen]
    return replace(model, transformer=transformer)
