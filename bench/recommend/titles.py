"""Vectors of real titles, encoded once with a bundle."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xxhash
from numpy.typing import NDArray

from jobs.datasets.detect import open_dataset
from jobs.simulator.as_dataset import simulated_dataset
from jobs.spaces.build import documents
from udfs.bundle import read_manifest
from udfs.encoder import Encoder
from udfs.space import catalogue_mean, to_space
from udfs.vector_store import StoredEncoder

Floats = NDArray[np.float32]
SIMULATED = 10_000


@dataclass(frozen=True)
class Titles:
    """Distinct documents, and the encoder of their vectors."""

    texts: list[str]
    bundle: Path
    bundle_sha256: str
    store: Path
    """File that keeps the vectors."""

    @property
    def fingerprint(self) -> str:
        """A hash of bundle and texts."""
        digest = xxhash.xxh3_128(self.bundle_sha256)
        for text in self.texts:
            digest.update(f"{text}\0".encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def vectors(self, on_progress: Callable[[int], None]) -> Floats:
        """Vectors `(n, dim)` float32 in the space of the texts' mean.

        `on_progress` gets the number of encoded texts.
        """
        encoder = StoredEncoder(Encoder.open(self.bundle, provider="cpu"), self.store)
        rows = []
        for done, part in enumerate(_parts(self.texts)):
            on_progress(done * 500)
            rows.append(encoder.encode(part, "document"))
        mean = catalogue_mean(encoder, self.texts)
        return to_space(np.concatenate(rows), mean).astype(np.float32)


def titles(folders: Sequence[Path], bundle: Path, store: Path) -> Titles:
    """The documents of data sets by folder; without a folder, those of the simulator."""
    datasets = [open_dataset(folder) for folder in folders]
    if not datasets:
        datasets = [simulated_dataset(items=SIMULATED, users=100, events=1_000)]
    texts = list(dict.fromkeys(text for data in datasets for text in documents(data.items())))
    return Titles(texts, bundle, read_manifest(bundle).bundle_sha256, store)


def _parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), 500):
        yield texts[start : start + 500]
