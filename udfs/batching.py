"""Which texts share a run of the model, and their padded arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SHORT_TOKENS = 16
"""Below this width ONNX Runtime's CPU kernels round differently from one width to the next.

A text shorter than that shares a batch only with texts of its own length: then its vector is
the same to the last bit whatever else is encoded with it (measured on AVX-512). From here on
the width plays no part, and a batch is padded to its longest text.
"""


def plan_batches(lengths: Sequence[int], batch_size: int, max_batch_tokens: int) -> list[list[int]]:
    """Positions of `lengths` (tokens of each text) as batches, shortest texts first.

    A batch has at most `batch_size` texts and, padding included, at most `max_batch_tokens`
    tokens (a single text may be longer).

    >>> plan_batches([20, 3, 40, 3, 4], batch_size=2, max_batch_tokens=64)
    [[1, 3], [4], [0], [2]]
    """
    batches: list[list[int]] = []
    for position in sorted(range(len(lengths)), key=lengths.__getitem__):
        length = lengths[position]
        if batches and _fits(batches[-1], lengths, length, batch_size, max_batch_tokens):
            batches[-1].append(position)
        else:
            batches.append([position])
    return batches


def _fits(
    batch: list[int], lengths: Sequence[int], length: int, batch_size: int, max_batch_tokens: int
) -> bool:
    """Whether a text at least as long as those of the batch may join it."""
    return (
        len(batch) < batch_size
        and (len(batch) + 1) * length <= max_batch_tokens
        and (lengths[batch[0]] >= SHORT_TOKENS or lengths[batch[0]] == length)
    )


def pad(
    token_ids: Sequence[Sequence[int]], pad_token_id: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pad to the longest: ids and attention mask, each `(batch, tokens)` int64.

    >>> ids, mask = pad([[5, 6], [7]], pad_token_id=0)
    >>> ids.tolist(), mask.tolist()
    ([[5, 6], [7, 0]], [[1, 1], [1, 0]])
    """
    shape = (len(token_ids), max(map(len, token_ids)))
    ids = np.full(shape, pad_token_id, dtype=np.int64)
    mask = np.zeros(shape, dtype=np.int64)
    for row, tokens in enumerate(token_ids):
        ids[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
    return ids, mask
