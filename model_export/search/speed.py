"""Compare two graphs in processor time, turn by turn on one thread."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model_export.quantise.calibration import Batch, feed_of

LENGTHS = (8, 16, 32, 64, 128)
BATCHES = (1, 8, 32)
_LEAST_S = 0.04
"""Processor time of the reference in a turn of a cell, at least."""
_CELL_TURNS = 3
"""Most turns of a cell, which appears in the report and decides nothing."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Speed on texts of one length in batches of one size."""

    tokens: int
    batch: int
    speedup: float
    """The reference's time divided by the candidate's."""
    texts_per_s: float
    """Of the candidate, for each second of one core."""


@dataclass(frozen=True, slots=True)
class Speed:
    """A candidate's speed on real texts as the runtime batches them, and by shape."""

    speedup: float
    """Median over the turns of the reference's time divided by the candidate's."""
    texts_per_s: float
    """Of the candidate, for each second of one core."""
    reference_texts_per_s: float
    cells: tuple[Cell, ...]


def compare_speed(
    reference: Any,
    candidate: Any,
    workload: Sequence[Batch],
    *,
    turns: int,
    lengths: Sequence[int] = LENGTHS,
) -> Speed:
    """Return the speed of `candidate` against `reference`, both sessions on one thread.

    A turn is one pass of each over the workload. Processor time is measured, so that other work
    on the machine matters little; medians leave out turns that it disturbs all the same.
    `lengths` are the tokens of the cells' texts.
    """
    texts = sum(len(ids) for ids, _ in workload)
    for session in (reference, candidate):
        _seconds(session, workload[:3])
    measured = [
        (_seconds(reference, workload), _seconds(candidate, workload)) for _ in range(turns)
    ]
    theirs, ours = np.array(measured).T
    return Speed(
        float(np.median(theirs / ours)),
        texts / float(np.median(ours)),
        texts / float(np.median(theirs)),
        tuple(
            _cell(reference, candidate, workload, tokens, batch, min(turns, _CELL_TURNS))
            for tokens in lengths
            for batch in BATCHES
        ),
    )


def _cell(
    reference: Any, candidate: Any, workload: Sequence[Batch], tokens: int, batch: int, turns: int
) -> Cell:
    flat = np.concatenate([ids[mask.astype(bool)] for ids, mask in workload])
    ids = np.resize(flat, (batch, tokens))
    runs = [(ids, np.ones_like(ids))]
    once = max(_seconds(reference, runs), 1e-6)
    _seconds(candidate, runs)
    runs *= max(1, round(_LEAST_S / once))
    measured = [(_seconds(reference, runs), _seconds(candidate, runs)) for _ in range(turns)]
    theirs, ours = np.array(measured).T
    rate = len(runs) * batch / float(np.median(ours))
    return Cell(tokens, batch, float(np.median(theirs / ours)), rate)


def _seconds(session: Any, batches: Sequence[Batch]) -> float:
    """Return the processor time of running a session over batches."""
    names = [item.name for item in session.get_inputs()]
    feeds = [feed_of(names, batch) for batch in batches]
    begin = time.process_time()
    for feed in feeds:
        session.run(None, feed)
    return time.process_time() - begin
