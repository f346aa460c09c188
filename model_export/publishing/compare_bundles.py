"""How two published bundles differ: in their manifests, and in the vectors they give."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model_export.parity_texts import PARITY_TEXTS
from udfs.bundle import Manifest, read_manifest
from udfs.encoder import Encoder

TOP = 10


@dataclass(frozen=True, slots=True)
class VectorDifference:
    """How vectors of the same texts differ between two bundles."""

    texts: int
    mean_cosine: float
    min_cosine: float
    furthest: str
    """The text whose vectors have the smallest cosine."""
    top_overlap: float
    """Share of a text's 10 nearest other texts that both bundles agree on, on average."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How two bundles differ; in a pair of values the first bundle's comes first."""

    manifest: Mapping[str, tuple[Any, Any]]
    """Fields that differ, by name; a nested one as `parity.min_cosine`."""
    vectors: VectorDifference | None
    """None where the dimensions differ, and no cosine is defined."""


def compare_bundles(
    left: Path, right: Path, texts: Sequence[str] = PARITY_TEXTS, threads: int = 0
) -> Difference:
    """Compare two verified bundles; both encode `texts` as documents on `threads` threads."""
    manifests = read_manifest(left), read_manifest(right)
    fields = [_flat(manifest) for manifest in manifests]
    differing = {
        name: (fields[0].get(name), fields[1].get(name))
        for name in sorted(fields[0].keys() | fields[1].keys())
        if fields[0].get(name) != fields[1].get(name)
    }
    if manifests[0].dim != manifests[1].dim:
        return Difference(differing, None)
    vectors = [
        Encoder.open(bundle, provider="cpu", threads=threads).encode(texts, "document")
        for bundle in (left, right)
    ]
    cosine = np.sum(vectors[0].astype(np.float64) * vectors[1], axis=1)
    furthest = int(cosine.argmin())
    return Difference(
        differing,
        VectorDifference(
            texts=len(texts),
            mean_cosine=float(cosine.mean()),
            min_cosine=float(cosine[furthest]),
            furthest=texts[furthest],
            top_overlap=top_overlap(vectors[0], vectors[1]),
        ),
    )


def _flat(manifest: Manifest) -> dict[str, Any]:
    flat: dict[str, Any] = {"bundle_sha256": manifest.bundle_sha256}
    for name, value in asdict(manifest).items():
        nested = value.items() if isinstance(value, dict) else ()
        flat |= {f"{name}.{key}": item for key, item in nested} if nested else {name: value}
    return flat


def top_overlap(left: np.ndarray, right: np.ndarray, top: int = TOP) -> float:  # type: ignore[type-arg]
    """Return the share of the `top` nearest rows that two sets of vectors `(n, dim)` agree on.

    >>> axes = np.eye(3)
    >>> top_overlap(axes, axes, top=2)
    1.0
    """
    nearest = [_nearest(vectors, min(top, len(vectors) - 1)) for vectors in (left, right)]
    shared = [len({*a} & {*b}) / len(a) for a, b in zip(*nearest, strict=True)]
    return float(np.mean(shared))


def _nearest(vectors: np.ndarray, top: int) -> list[list[int]]:  # type: ignore[type-arg]
    cosine = vectors.astype(np.float64) @ vectors.T
    np.fill_diagonal(cosine, -np.inf)
    rows: list[list[int]] = np.argsort(-cosine, axis=1, kind="stable")[:, :top].tolist()
    return rows
