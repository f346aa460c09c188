"""Writes a trained network as a bundle, and reads the weights of one to go on from."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch

from model_export.provenance import tool_versions
from model_export.sequence.graph import item_vectors_of
from model_export.sequence.interactions import Interactions
from model_export.sequence.network import Network, Shape
from model_export.sequence.read import SpaceRead
from udfs.bundle import MANIFEST_FILE, hash_files
from udfs.sequence.bundle import (
    ITEMS_FILE,
    WEIGHTS_FILE,
    SequenceManifest,
    manifest_to_json,
    verify_sequence,
)
from udfs.sequence.model import read_items

_OWN = "items.own.weight"


def mean_sha256(space: SpaceRead) -> str:
    """Return the hash of a space's mean, as manifests have it."""
    return hashlib.sha256(space.mean.astype("<f4").tobytes()).hexdigest()


def write_bundle(
    folder: Path,
    network: Network,
    known: Interactions,
    draft: SequenceManifest,
    version: str | None,
) -> SequenceManifest:
    """Write all files beside the graph into `folder`, and return the verified manifest.

    Without a `version` it is made of the time and the bundle's hash.
    """
    items = item_vectors_of(network, known)
    items.save(folder / ITEMS_FILE)
    # The vectors of items are in the other file, by reference: rows change with the catalogue.
    weights = {name: each.numpy() for name, each in network.state_dict().items() if name != _OWN}
    np.savez(folder / WEIGHTS_FILE, allow_pickle=False, **weights)
    manifest = replace(
        draft, items=len(items.references), files=hash_files(folder), tools=tool_versions()
    )
    moment = datetime.fromisoformat(manifest.created_at).astimezone(UTC)
    timed = f"{moment:%Y%m%dT%H%M%SZ}-{manifest.bundle_sha256[:8]}"
    manifest = replace(manifest, version=version or timed)
    (folder / MANIFEST_FILE).write_bytes(manifest_to_json(manifest))
    return verify_sequence(folder)


def continued(shape: Shape, folder: Path, known: Interactions) -> Network | None:
    """Return a network with the weights of a bundle; None where that has another shape."""
    network = Network(shape)
    items = read_items(folder / ITEMS_FILE)
    with np.load(folder / WEIGHTS_FILE, allow_pickle=False) as arrays:
        weights = {name: torch.from_numpy(arrays[name].copy()) for name in arrays.files}
    state = network.state_dict()
    if {name: each.shape for name, each in state.items() if name != _OWN} != {
        name: each.shape for name, each in weights.items()
    }:
        return None
    if len(items.references):
        at = np.searchsorted(items.references, known.references)
        at = np.minimum(at, len(items.references) - 1)
        same = items.references[at] == known.references
        rows = torch.from_numpy(np.flatnonzero(same))
        state[_OWN][rows] = torch.from_numpy(items.own[at[same]].astype(np.float32))
    network.load_state_dict(state | weights)
    return network
