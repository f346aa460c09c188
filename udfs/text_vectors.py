"""Encode texts to vectors of the space as bytes, each distinct text once."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from udfs.encoder import Kind
from udfs.errors import SettingsError
from udfs.lru import LruCache
from udfs.space import EncodesTexts, directions


@dataclass
class TextCounts:
    """What became of texts since the start: `texts` came, of which the encoder had `encoded`."""

    texts: int = 0
    encoded: int = 0
    encode_s: float = 0.0
    """Time of the encoder, in seconds."""


class TextVectors:
    """Encodes batches of texts to vectors of the space, with a cache of the last distinct texts.

    A cache entry takes about 1 kB (a 16-byte hash of the text and `2 * dim` bytes), whatever the
    length of the text. Raises SettingsError when `mean` is not `(dim,)`.
    """

    def __init__(
        self, encoder: EncodesTexts, mean: NDArray[np.float32], kind: Kind, cache_size: int
    ) -> None:
        if mean.shape != (encoder.dim,):
            raise SettingsError(f"encoder dimension {encoder.dim}, mean of shape {mean.shape}")
        self._encoder = encoder
        self._mean = mean
        self._kind = kind
        self._cache: LruCache[bytes, bytes] = LruCache(cache_size)
        self.counts = TextCounts()

    def __call__(self, texts: Sequence[str | None]) -> list[bytes | None]:
        """Return a vector for each text: float16, little-endian, `2 * dim` bytes; None for None.

        A text whose vector equals the mean has no direction in the space and becomes zeros,
        which add nothing to any sum.
        """
        keys = [None if text is None else _key(text) for text in texts]
        self.counts.texts += len(keys) - keys.count(None)
        found: dict[bytes, bytes] = {}
        missing: dict[bytes, str] = {}
        for key, text in zip(keys, texts, strict=True):
            if key is None or text is None or key in found or key in missing:
                continue
            cached = self._cache.get(key)
            if cached is None:
                missing[key] = text
            else:
                found[key] = cached
        if missing:
            found |= self._encode(missing)
        return [None if key is None else found[key] for key in keys]

    def _encode(self, texts: dict[bytes, str]) -> dict[bytes, bytes]:
        started_s = time.perf_counter()
        vectors, _ = directions(self._encoder.encode(list(texts.values()), self._kind), self._mean)
        self.counts.encode_s += time.perf_counter() - started_s
        self.counts.encoded += len(texts)
        rows = vectors.astype("<f2")
        encoded = {key: row.tobytes() for key, row in zip(texts, rows, strict=True)}
        for key, row in encoded.items():
            self._cache.put(key, row)
        return encoded


def _key(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
