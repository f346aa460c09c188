"""The parity gate: the graph to publish is compared with the model it was made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from model_export.errors import ParityError
from model_export.source.load import LoadedModel
from model_export.tolerances import Tolerances
from udfs.bundle import ParityFigures
from udfs.encoder import Encoder, Kind

Vectors = NDArray[np.float32]
Floats = Vectors | NDArray[np.float16]
Values = NDArray[np.float64] | NDArray[np.float32] | NDArray[np.int32]

MOST_LISTED = 12
"""Differences that an error lists one by one; a wrong graph has hundreds."""


@dataclass(frozen=True, slots=True)
class ParityRun:
    """Vectors `(texts, dim)` float32 of the same texts, made in different ways."""

    texts: Sequence[str]
    reference: Vectors
    """By the model in PyTorch, one text at a time."""
    alone: Vectors
    """By the graph, one text at a time."""
    batched: Mapping[str, Vectors]
    """By the graph, in batches, by the kind of batch."""


def reference_vectors(model: LoadedModel, texts: Sequence[str], kind: Kind = "document") -> Vectors:
    """Return vectors `(len(texts), dim)` float32 by PyTorch, one text at a time, unpadded.

    Only the weights are shared with the graph: the transformer makes its own mask and positions,
    and numpy pools as the model's folder states.
    """
    prompt = model.prompts.query if kind == "query" else model.prompts.document
    rows = []
    for text in texts:
        tokens = model.tokenizer(
            prompt + text,
            truncation=True,
            max_length=model.max_tokens,
            padding=False,
            return_tensors="pt",
        )
        if tokens["input_ids"].shape[1] == 0:
            tokens["input_ids"] = torch.tensor([[model.pad_token_id]])
        inputs = {"input_ids": tokens["input_ids"].long()}
        with torch.inference_mode():
            hidden = model.transformer(**inputs).last_hidden_state[0].numpy()
            pooled = torch.from_numpy(_pooled(hidden, model.stated_pooling))
            for layer in model.dense:
                pooled = layer(pooled)
        vector = pooled.numpy().astype(np.float64)[: model.dim]
        rows.append((vector / np.linalg.norm(vector)).astype(np.float32))
    return np.stack(rows)


def _pooled(hidden: Vectors, pooling: str) -> Vectors:
    pooled: Vectors = hidden[0]
    if pooling == "last":
        pooled = hidden[-1]
    elif pooling == "mean":
        pooled = hidden.mean(axis=0, dtype=np.float64).astype(np.float32)
    return pooled


def run_graph(encoder: Encoder, reference: Vectors, texts: Sequence[str]) -> ParityRun:
    """Encode the texts alone, together, in reverse, and each beside the longest one."""
    backwards = encoder.encode(texts[::-1], "document")[::-1]
    longest = max(texts, key=len)
    beside_long = [encoder.encode([text, longest], "document")[0] for text in texts]
    return ParityRun(
        texts=texts,
        reference=reference,
        alone=np.concatenate([encoder.encode([text], "document") for text in texts]),
        batched={
            "all together": encoder.encode(texts, "document"),
            "in reverse": backwards,
            "beside a long text": np.stack(beside_long),
        },
    )


def require_parity(run: ParityRun, tolerances: Tolerances) -> ParityFigures:
    """Return the figures of a run, if every bound holds.

    Raises ParityError that lists by text each bound that does not hold, with both values.
    """
    figures = {name: _figures(run.alone, other) for name, other in run.batched.items()}
    against_model = _figures(run.alone, run.reference)
    norm_error = np.abs(np.linalg.norm(run.alone, axis=1) - 1)
    failures = [
        *_too_small(
            run.texts, "cosine with the model", against_model.cosine, tolerances.min_cosine
        ),
        *_too_large(
            run.texts,
            "difference from the model",
            against_model.difference,
            tolerances.max_abs_difference,
        ),
        *_too_large(run.texts, "L2 norm off 1 by", norm_error, tolerances.max_norm_error),
    ]
    for name, figure in figures.items():
        failures += _too_small(
            run.texts, f"cosine alone and {name}", figure.cosine, tolerances.min_batch_cosine
        )
        failures += _too_large(
            run.texts, f"float16 ulps alone and {name}", figure.ulps, tolerances.max_batch_ulps
        )
    if failures:
        raise ParityError(
            f"the graph differs from the model in {len(failures)} places:\n  "
            + "\n  ".join(failures[:MOST_LISTED])
            + (f"\n  and {len(failures) - MOST_LISTED} more" if len(failures) > MOST_LISTED else "")
        )
    return ParityFigures(
        texts=len(run.texts),
        min_cosine=float(against_model.cosine.min()),
        max_abs_difference=float(against_model.difference.max()),
        min_batch_cosine=float(min(figure.cosine.min() for figure in figures.values())),
        max_batch_ulps=int(max(figure.ulps.max() for figure in figures.values())),
    )


def float16_ulps(left: Floats, right: Floats) -> NDArray[np.int32]:
    """Return the distance of two arrays after rounding to float16, in units in the last place.

    >>> float16_ulps(np.float32([1.0, 0.0]), np.float32([1.001, -0.0])).tolist()
    [1, 0]
    """
    distance: NDArray[np.int32] = np.abs(_ordinal(left) - _ordinal(right))
    return distance


def _ordinal(values: Floats) -> NDArray[np.int32]:
    """Return float16 numbers as integers, so that neighbours differ by one."""
    bits = values.astype(np.float16).view(np.int16).astype(np.int32)
    return np.where(bits < 0, -(bits & 0x7FFF), bits).astype(np.int32)


@dataclass(frozen=True, slots=True)
class _Figures:
    """Arrays `(texts,)` with one value for each text."""

    cosine: NDArray[np.float64]
    difference: NDArray[np.float32]
    ulps: NDArray[np.int32]


def _figures(left: Vectors, right: Vectors) -> _Figures:
    if left.shape != right.shape:
        raise ParityError(f"the graph gives vectors {left.shape}, the model {right.shape}")
    a, b = left.astype(np.float64), right.astype(np.float64)
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):  # a zero vector fails as NaN
        cosine = np.sum(a * b, axis=1) / norms
    return _Figures(cosine, np.abs(left - right).max(axis=1), float16_ulps(left, right).max(axis=1))


# Both compare with `not`, so that a NaN fails.
def _too_small(texts: Sequence[str], what: str, values: Values, least: float) -> list[str]:
    return [
        f"{text[:40]!r}: {what} {value:.8f}, at least {least}"
        for text, value in zip(texts, values, strict=True)
        if not value >= least
    ]


def _too_large(
    texts: Sequence[str],
    what: str,
    values: Values,
    most: float,
) -> list[str]:
    return [
        f"{text[:40]!r}: {what} {value:.3g}, at most {most}"
        for text, value in zip(texts, values, strict=True)
        if not value <= most
    ]
