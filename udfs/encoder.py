"""Encode texts to unit vectors with ONNX Runtime, from a verified bundle."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from udfs.batching import pad, plan_batches
from udfs.bundle import MODEL_FILE, OUTPUT_NAME, TOKENIZER_FILE, Manifest, verify
from udfs.errors import BundleModelError, SettingsError, TextTypeError
from udfs.session import Provider, open_session
from udfs.texts import clean

Kind = Literal["document", "query"]


class Encoder:
    """An opened bundle, which encodes texts. Several threads may call it; it cannot be pickled."""

    def __init__(
        self,
        manifest: Manifest,
        session: Any,
        tokenizer: Any,
        *,
        batch_size: int = 32,
        max_batch_tokens: int = 4096,
    ) -> None:
        """Put loaded parts together; `Encoder.open` loads them first.

        Raises SettingsError when `batch_size` or `max_batch_tokens` is below 1.
        """
        if batch_size < 1 or max_batch_tokens < 1:
            raise SettingsError(
                f"batch_size {batch_size}, max_batch_tokens {max_batch_tokens}: use 1 or more"
            )
        tokenizer.no_padding()
        tokenizer.enable_truncation(manifest.max_tokens)
        self.manifest = manifest
        self._session = session
        self._tokenizer = tokenizer
        self._batch_size = batch_size
        self._max_batch_tokens = max_batch_tokens
        self._needs_token_types = "token_type_ids" in {i.name for i in session.get_inputs()}

    @classmethod
    def open(
        cls,
        bundle_dir: Path | str,
        *,
        provider: Provider = "auto",
        threads: int = 0,
        batch_size: int = 32,
        max_batch_tokens: int = 4096,
    ) -> Self:
        """Open a bundle whose hashes fit.

        `provider` is `cpu`, `cuda` or `auto` (see `udfs.session.choose_providers`). `threads` is
        the number of threads that one call may use, 0 for one a core. A run of the model takes at
        most `batch_size` texts and `max_batch_tokens` tokens.

        Raises BundleNotFoundError, ManifestError, BundleTamperedError, BundleModelError or
        SettingsError.
        """
        folder = Path(bundle_dir)
        manifest = verify(folder)
        try:
            tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        except Exception as error:  # `tokenizers` raises bare Exception
            raise BundleModelError(
                f"{folder / TOKENIZER_FILE} is not a tokenizer: {error}; export the bundle again"
            ) from error
        session = open_session(folder / MODEL_FILE, provider, threads)
        return cls(
            manifest,
            session,
            tokenizer,
            batch_size=batch_size,
            max_batch_tokens=max_batch_tokens,
        )

    @property
    def dim(self) -> int:
        """Components of a vector."""
        return self.manifest.dim

    def encode(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        """Return the vectors of `texts`: `(len(texts), dim)` float32, rows of L2 norm 1.

        `kind` decides the prompt in front of each text: `query` for what a user looks for,
        `document` for texts of items and comments. A text that occurs twice is encoded once; one
        that is too long is cut at the bundle's longest input; an empty one has a vector like any
        other. The same text gives the same vector whatever else is in the call.

        Raises TextTypeError when a text is not a string, SettingsError for another kind.
        """
        prompt = self._prompt(kind)
        rows: dict[str, int] = {}
        positions = [rows.setdefault(self._prepare(text, prompt), len(rows)) for text in texts]
        if not rows:
            return np.empty((0, self.dim), dtype=np.float32)
        return self._encode_distinct(list(rows))[positions]

    def _prompt(self, kind: Kind) -> str:
        if kind == "document":
            return self.manifest.prompts.document
        if kind == "query":
            return self.manifest.prompts.query
        raise SettingsError(f"kind {kind!r}: use 'document' or 'query'")

    def _prepare(self, text: str, prompt: str) -> str:
        if not isinstance(text, str):
            raise TextTypeError(f"a text is {text!r}, not a string; handle NULL before encoding")
        return clean(prompt + text, self.manifest.max_tokens)

    def _encode_distinct(self, texts: list[str]) -> NDArray[np.float32]:
        """Return vectors `(len(texts), dim)` of distinct, cleaned texts with their prompt."""
        encodings = self._tokenizer.encode_batch_fast(texts)
        # A tokenizer without special tokens has none for an empty text, which gets a padding token.
        token_ids = [encoding.ids or [self.manifest.pad_token_id] for encoding in encodings]
        lengths = [len(ids) for ids in token_ids]
        vectors = np.empty((len(texts), self.dim), dtype=np.float32)
        for batch in plan_batches(lengths, self._batch_size, self._max_batch_tokens):
            vectors[batch] = self._run([token_ids[position] for position in batch])
        return vectors

    def _run(self, token_ids: list[list[int]]) -> NDArray[np.float32]:
        ids, mask = pad(token_ids, self.manifest.pad_token_id)
        feed = {"input_ids": ids, "attention_mask": mask}
        if self._needs_token_types:
            feed["token_type_ids"] = np.zeros_like(ids)
        vectors: NDArray[np.float32] = self._session.run([OUTPUT_NAME], feed)[0]
        return vectors
