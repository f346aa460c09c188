"""Which texts share a run of the model, and their padded arrays."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def plan_batches(lengths: Sequence[int], batch_size: int, max_batch_tokens: int) -> list[list[int]]:
    """Return batches of positions in `lengths` (tokens of each text), shortest texts first.

    Texts of a batch are equally long: attention in ONNX Runtime's CPU kernels differs in the last
    bit when a text is padded, so its vector would depend on its batch, and padding takes time. A
    batch has at most `batch_size` texts and at most `max_batch_tokens` tokens (a single text may
    be longer).

    >>> plan_batches([20, 3, 40, 3, 3], batch_size=2, max_batch_tokens=64)
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
    """Return whether a text of `length` tokens may join the batch."""
    return (
        len(batch) < batch_size
        and (len(batch) + 1) * length <= max_batch_tokens
        and lengths[batch[0]] == length
    )


def pad(
    token_ids: Sequence[Sequence[int]], pad_token_id: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pad to the longest text: return ids and attention mask, each `(batch, tokens)` int64.

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
