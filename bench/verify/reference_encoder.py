"""Encodes texts into vectors of a space, with nothing but onnxruntime and tokenizers.

A batch has only texts of the same number of tokens, so that no vector depends on padding. Vectors
are cached on disk.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from tokenizers import Tokenizer

BUNDLE_FILES = ("manifest.json", "tokenizer.json", "model.onnx")
NO_DIRECTION = 1e-4
"""A text whose vector is nearer to the mean gets a vector of zeros, which changes no sum."""


class ReferenceEncoder:
    """`encoder(texts, kind)`: unit(encode(prompt + text) - mean) as float16, (texts, dim).

    `kind` is "document" or "query" and decides the prompt; `mean` is (dim,). Without `cache_dir`
    nothing is kept. Raises ValueError where the mean has another dimension than the bundle.
    """

    def __init__(
        self,
        bundle: Path,
        mean: Sequence[float] | NDArray[np.floating[Any]],
        cache_dir: Path | None = None,
        *,
        batch_size: int = 32,
        threads: int = 2,
        console: Console | None = None,
    ) -> None:
        manifest = json.loads((bundle / "manifest.json").read_bytes())
        self._prompts: dict[str, str] = manifest["prompts"]
        self._mean = np.asarray(mean, np.float64)
        if self._mean.shape != (manifest["dim"],):
            raise ValueError(
                f"the bundle gives {manifest['dim']} dimensions, the mean has {self._mean.size}"
            )
        self._batch_size = batch_size
        self._console = Console(stderr=True) if console is None else console
        self._tokenizer = Tokenizer.from_file(str(bundle / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(manifest["max_tokens"])
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # Products of bytes are exact on every processor, as they are in the job.
        options.add_session_config_entry("session.x64quantprecision", "1")
        self._session = onnxruntime.InferenceSession(
            bundle / "model.onnx", options, providers=["CPUExecutionProvider"]
        )
        self._wants_types = "token_type_ids" in {i.name for i in self._session.get_inputs()}
        self._cache = VectorCache(cache_dir, hash_of(bundle) + self._mean.tobytes())

    def __call__(self, texts: list[str], kind: str) -> NDArray[np.float16]:
        """Vectors (texts, dim) in the order of the texts."""
        prompted = [self._prompts[kind] + text for text in texts]
        known = self._cache.get(prompted)
        missing = [text for text in dict.fromkeys(prompted) if text not in known]
        if missing:
            for group in track(
                list(self._groups(missing)),
                f"Encoding {len(missing):,} texts",
                console=self._console,
            ):
                fresh = dict(zip(group, self._encode(group), strict=True))
                self._cache.put(fresh)
                known.update(fresh)
        vectors = [known[text] for text in prompted]
        return np.stack(vectors) if vectors else np.zeros((0, len(self._mean)), np.float16)

    def _groups(self, texts: list[str]) -> Iterator[list[str]]:
        """Batches of texts with the same number of tokens."""
        by_length: dict[int, list[str]] = {}
        for text, encoded in zip(texts, self._tokenizer.encode_batch(texts), strict=True):
            by_length.setdefault(len(encoded.ids), []).append(text)
        for _, same_length in sorted(by_length.items()):
            for begin in range(0, len(same_length), self._batch_size):
                yield same_length[begin : begin + self._batch_size]

    def _encode(self, texts: list[str]) -> NDArray[np.float16]:
        encoded = self._tokenizer.encode_batch(texts)
        inputs = {
            "input_ids": np.array([one.ids for one in encoded], np.int64),
            "attention_mask": np.array([one.attention_mask for one in encoded], np.int64),
        }
        if self._wants_types:
            inputs["token_type_ids"] = np.array([one.type_ids for one in encoded], np.int64)
        (embedding,) = self._session.run(["embedding"], inputs)
        off_mean = np.asarray(embedding, np.float64) - self._mean
        length = np.linalg.norm(off_mean, axis=1, keepdims=True)
        units: NDArray[np.float64] = off_mean / np.where(length < NO_DIRECTION, np.inf, length)
        return units.astype(np.float16)


class VectorCache:
    """Vectors by text in one SQLite file; without a folder, in memory only.

    `space` is hashed with every text: bytes that name the encoder and the mean.
    """

    def __init__(self, folder: Path | None, space: bytes) -> None:
        self._space = space
        file: Path | str = ":memory:"
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / "vectors.sqlite"
        self._database = sqlite3.connect(file)
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"
        )

    def get(self, texts: Iterable[str]) -> dict[str, NDArray[np.float16]]:
        """The vectors (dim,) of those texts that are cached."""
        found = {}
        for text in texts:
            row = self._database.execute(
                "SELECT vector FROM vectors WHERE key = ?", (self._key(text),)
            ).fetchone()
            if row is not None:
                found[text] = np.frombuffer(row[0], np.float16)
        return found

    def put(self, vectors: dict[str, NDArray[np.float16]]) -> None:
        """Cache vectors (dim,) by text."""
        with self._database:
            self._database.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?)",
                [(self._key(text), vector.tobytes()) for text, vector in vectors.items()],
            )

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(self._space + text.encode()).digest()


def hash_of(bundle: Path) -> bytes:
    """One hash over the files of a bundle that vectors depend on, 32 bytes."""
    combined = hashlib.sha256()
    for name in BUNDLE_FILES:
        combined.update(hashlib.sha256((bundle / name).read_bytes()).digest())
    return combined.digest()
