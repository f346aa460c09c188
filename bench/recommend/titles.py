"""Vectors of real titles, encoded once with the bundle."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xxhash
from numpy.typing import NDArray

from jobs.datasets.detect import open_dataset
from jobs.simulator.as_dataset import simulated_dataset
from jobs.spaces import documents
from udfs.encoder import Encoder
from udfs.space import catalogue_mean, to_space
from udfs.vector_store import StoredEncoder

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Titles:
    """What was encoded: vectors of the space `(n, dim)` float32, and a hash of bundle and texts."""

    vectors: Floats
    bundle_sha256: str
    fingerprint: str


def encoded_titles(
    folders: Sequence[Path],
    bundle: Path,
    store: Path,
    on_progress: Callable[[int, int], None],
) -> Titles:
    """Documents of the data sets' items (the simulator's without a folder) in the space of their
    mean. `store` keeps the vectors for the next time."""
    datasets = [open_dataset(folder) for folder in folders] or [simulated_dataset()]
    texts = list(dict.fromkeys(text for data in datasets for text in documents(data.items())))
    encoder = StoredEncoder(Encoder.open(bundle, provider="cpu"), store)
    rows = []
    for done, part in enumerate(_parts(texts)):
        on_progress(done * 500, len(texts))
        rows.append(encoder.encode(part, "document"))
    on_progress(len(texts), len(texts))
    digest = xxhash.xxh3_128(encoder.manifest.bundle_sha256)
    for text in texts:
        digest.update(f"{text}\0".encode("utf-8", "surrogatepass"))
    vectors = to_space(np.concatenate(rows), catalogue_mean(encoder, texts)).astype(np.float32)
    return Titles(vectors, encoder.manifest.bundle_sha256, digest.hexdigest())


def _parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), 500):
        yield texts[start : start + 500]
