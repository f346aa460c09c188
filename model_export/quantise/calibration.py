"""Observe the inputs of each product while real texts go through the graph."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_export.quantise.graph import Graph
from model_export.quantise.plain_session import plain_session
from model_export.quantise.products import in_float32, lower, products
from model_export.quantise.weights import Floats

Batch = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Ids and attention mask, each `(batch, tokens)`."""


@dataclass(frozen=True, slots=True)
class ObservedInputs:
    """What one product's inputs were, padding left out."""

    rows: Floats
    """A sample `(rows, width)`."""
    low: Floats
    """The least value of each column, `(width,)`, over all tokens."""
    high: Floats
    """The greatest value of each column, `(width,)`, over all tokens."""


def feed_of(session_inputs: Iterable[str], batch: Batch) -> dict[str, NDArray[np.int64]]:
    """Return what to run a session with, from the names of its inputs and a batch."""
    ids, mask = batch
    feed = {"input_ids": ids, "attention_mask": mask}
    if "token_type_ids" in session_inputs:
        feed["token_type_ids"] = np.zeros_like(ids)
    return feed


def observe_inputs(
    graph: Graph,
    batches: Sequence[Batch],
    scratch: Path,
    *,
    sample_rows: int,
    seed: int,
    on_batch: Callable[[int], None] = lambda number: None,
) -> Mapping[str, ObservedInputs]:
    """Run the graph in float32 and return the inputs of its products, by their names.

    About `sample_rows` rows of each are kept, chosen by `seed`. They take `4 * sample_rows` bytes
    for each column of each input, 240 MB for MiniLM with 4,096 rows, beside one batch's values.
    `on_batch` is called with each batch's number, from 1.
    """
    names = list(dict.fromkeys(product.inputs for product in products(graph)))
    runnable = lower(graph, in_float32)
    runnable.expose(names)
    session = plain_session(runnable.write(scratch / "observed.onnx"))
    wanted = [item.name for item in session.get_inputs()]
    tokens = sum(int(mask.sum()) for _, mask in batches)
    share = min(1.0, sample_rows / max(tokens, 1))
    rng = np.random.default_rng(seed)
    seen: dict[str, list[ObservedInputs]] = {name: [] for name in names}
    for number, batch in enumerate(batches, start=1):
        on_batch(number)
        real = batch[1].astype(bool)
        chosen = rng.random(int(real.sum())) < share
        for name, values in zip(names, session.run(names, feed_of(wanted, batch)), strict=True):
            per_token = values.shape[:-1] == real.shape
            rows = values[real] if per_token else values.reshape(-1, values.shape[-1])
            kept = rows[chosen] if per_token else rows
            seen[name].append(ObservedInputs(kept, rows.min(axis=0), rows.max(axis=0)))
    return {name: _together(seen.pop(name), seed) for name in names}


def _together(parts: Sequence[ObservedInputs], seed: int) -> ObservedInputs:
    rows = np.concatenate([part.rows for part in parts])
    return ObservedInputs(
        # Batches come sorted by length: shuffled, any part of the rows represents all.
        rows=rows[np.random.default_rng(seed).permutation(len(rows))],
        low=np.min([part.low for part in parts], axis=0),
        high=np.max([part.high for part in parts], axis=0),
    )
