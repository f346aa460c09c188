"""From the network to the files of a bundle, and the gate that they pass."""

import shutil
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from model_export.errors import ParityError
from model_export.quantise.library import dynamic_int8
from model_export.sequence.interactions import Floats, Interactions
from model_export.sequence.network import Network
from model_export.sequence.windows import Windows
from udfs.sequence.features import features_of
from udfs.sequence.model import (
    INPUT_NAMES,
    OUTPUT_NAME,
    ItemVectors,
    open_user_graph,
    run_user_graph,
)

OPSET = 17
FP32_COSINE = 0.9999
"""Least cosine of the float32 graph with the network."""
FP32_OVERLAP = 0.99
INT8_COSINE = 0.99
INT8_OVERLAP = 0.9
"""Least shares of the ten nearest items that a graph has in common with the network."""
COMPANY_COSINE = 0.9999
"""Least cosine of a user alone with the same user in a batch, behind padding."""
_PADDED = 5
_TOP = 10


@dataclass(frozen=True, slots=True)
class Measured:
    """How close a graph is to the network, over users."""

    min_cosine: float
    overlap: float
    """Share of the ten nearest items that are the network's."""
    company: float
    """Smallest cosine of a user alone with the same one in company, or behind padding."""
    finite: bool

    def faults(self, cosine: float, overlap: float) -> list[str]:
        """What keeps the graph from being published; empty if nothing does."""
        found = []
        if not self.finite:
            found.append("some numbers are not finite")
        if not self.min_cosine >= cosine:
            found.append(f"cosine {self.min_cosine:.6f}, at least {cosine} is asked")
        if not self.overlap >= overlap:
            found.append(f"{self.overlap:.1%} of the ten nearest agree, {overlap:.0%} are asked")
        if not self.company >= COMPANY_COSINE:
            found.append(
                f"a user's vector depends on its company: cosine {self.company:.6f}, at least"
                f" {COMPANY_COSINE} is asked"
            )
        return found


def item_vectors_of(network: Network, known: Interactions) -> ItemVectors:
    """The arrays of the network; items that do not occur have no vector of their own."""
    occurs = np.flatnonzero(np.bincount(known.item, minlength=len(known.item_ids)) > 0)
    order = np.argsort(known.references[occurs])
    rows = occurs[order]
    weight = network.items.project.weight.detach().numpy()
    return ItemVectors(
        np.ascontiguousarray(weight.T),
        network.items.project.bias.detach().numpy().copy(),
        known.references[rows],
        network.items.own.weight.detach().numpy()[rows].astype(np.float16),
    )


def export_users(network: Network, path: Path) -> None:
    """Write the half of the network that makes users as ONNX, with free batch and length."""
    shape = network.shape
    events = min(3, shape.max_events)
    example = (
        torch.zeros(2, events, shape.dim),
        *(torch.zeros(2, events, dtype=torch.int64) for _ in range(3)),
        torch.zeros(2, events),
        torch.ones(2, events, dtype=torch.bool),
    )
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.users.eval(),
            example,
            str(path),
            input_names=list(INPUT_NAMES),
            output_names=[OUTPUT_NAME],
            dynamic_axes={
                **{name: {0: "users", 1: "events"} for name in INPUT_NAMES},
                OUTPUT_NAME: {0: "users"},
            },
            opset_version=OPSET,
            dynamo=False,
        )


def choose_graph(
    network: Network, items: Floats, windows: Windows, recipe: str, scratch: Path, target: Path
) -> tuple[str, Mapping[str, float]]:
    """Write the graph of a recipe (`fp32`, `int8`) to `target`, and return recipe and figures.

    `items` `(catalogue, dim)` are the model's vectors, `windows` the histories that are compared.
    Where int8 is asked and falls short, float32 is taken. Raises ParityError when that does, too.
    """
    fp32 = scratch / "fp32.onnx"
    export_users(network, fp32)
    measured = _measure(fp32, network, items, windows)
    if faults := measured.faults(FP32_COSINE, FP32_OVERLAP):
        raise ParityError(f"the graph falls short of the network: {'; '.join(faults)}")
    figures = {"fp32_min_cosine": measured.min_cosine, "fp32_company_cosine": measured.company}
    chosen, name = fp32, "fp32"
    if recipe == "int8":
        int8 = dynamic_int8(fp32, scratch / "int8.onnx", per_channel=True)
        measured = _measure(int8, network, items, windows)
        figures |= {
            "int8_min_cosine": measured.min_cosine,
            "int8_overlap": measured.overlap,
            "int8_company_cosine": measured.company,
        }
        if not measured.faults(INT8_COSINE, INT8_OVERLAP):
            chosen, name = int8, "int8"
    shutil.copyfile(chosen, target)
    return name, figures


def network_users(network: Network, items: Floats, windows: Windows) -> Floats:
    """The vectors `(windows, dim)` that the network gives."""
    features = features_of(windows.history)
    found = []
    with torch.no_grad():
        for begin in range(0, len(windows.at), 512):
            part = slice(begin, begin + 512)
            inputs = [torch.from_numpy(getattr(features, name)[part]) for name in INPUT_NAMES[1:]]
            found.append(network.users(torch.from_numpy(items[windows.item[part]]), *inputs))
    return torch.cat(found).numpy() if found else np.empty((0, items.shape[1]), np.float32)


def _measure(path: Path, network: Network, items: Floats, windows: Windows) -> Measured:
    session = open_user_graph(path, threads=0)
    wanted = network_users(network, items, windows)
    together = _run(session, items, windows)
    alone = np.concatenate(
        [_run(session, items, windows.take(np.array([row]))) for row in range(len(windows.at))]
    )
    padded = _padded(session, items, windows)
    company = min(_min_cosine(alone, together), _min_cosine(alone, padded))
    return Measured(
        _min_cosine(wanted, together),
        _overlap(wanted, together, items),
        company,
        bool(np.isfinite(together).all() and np.isfinite(alone).all()),
    )


def _run(session: Any, items: Floats, windows: Windows) -> Floats:
    width = max(int(windows.present.sum(axis=1).max()), 1)
    rows = np.arange(len(windows.at))
    return run_user_graph(session, items[windows.item], features_of(windows.history), rows, width)


def _padded(session: Any, items: Floats, windows: Windows) -> Floats:
    """Each user alone, with nothing in front of the first interaction for a while."""
    wider = np.pad(windows.at, ((0, 0), (_PADDED, 0)), constant_values=-1)
    found = []
    for row in range(len(windows.at)):
        one = Windows(windows.of, wider[[row]])
        width = min(int(one.present.sum()) + _PADDED, windows.at.shape[1])
        features = features_of(one.history)
        found.append(run_user_graph(session, items[one.item], features, np.array([0]), width))
    return np.concatenate(found)


def _min_cosine(a: Floats, b: Floats) -> float:
    return float((a * b).sum(axis=1).min())


def _overlap(a: Floats, b: Floats, items: Floats) -> float:
    def nearest(users: Floats) -> Any:
        return np.argsort(-(users @ items.T), axis=1, kind="stable")[:, :_TOP]

    shared = [
        len({*wanted.tolist()} & {*found.tolist()})
        for wanted, found in zip(nearest(a), nearest(b), strict=True)
    ]
    return float(np.mean(shared)) / min(_TOP, len(items))
