"""Whether a text's vector depends on its company: the other texts and the padding of a batch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model_export.search.similarity import Vectors, cosines
from udfs.batching import pad
from udfs.bundle import OUTPUT_NAME, Manifest
from udfs.encoder import Encoder

PADDED = (3, 17, 64)
"""Padding tokens behind a text; the runtime pads none."""
RUNTIME_COMPANY = (
    "all together",
    "in reverse",
    "shuffled, 7 at a time",
    "every other text",
    "beside the longest",
)
"""Kinds of batches that the runtime makes."""


@dataclass(frozen=True, slots=True)
class Invariance:
    """How vectors of texts alone differ from vectors of the same texts in company."""

    min_cosine: Mapping[str, float]
    """The smallest cosine, by the kind of company."""
    identical: Mapping[str, float]
    """Share of texts whose vector is the same to the last bit, by the kind of company."""

    @property
    def worst(self) -> float:
        """The smallest cosine of any text in any company."""
        return min(self.min_cosine.values())

    @property
    def identical_in_runtime(self) -> float:
        """Share of texts with the same bits, in the worst batches that the runtime makes."""
        return min(share for kind, share in self.identical.items() if kind in RUNTIME_COMPANY)


def measure_invariance(
    manifest: Manifest, session: Any, tokenizer: Any, texts: Sequence[str], seed: int = 0
) -> Invariance:
    """Encode the texts alone, then in batches of several sizes and orders, and with padding.

    Batches are made as the runtime makes them; only the padding goes beyond what it does.
    """

    def encoder(batch_size: int) -> Encoder:
        return Encoder(manifest, session, tokenizer, batch_size=batch_size)

    one, few, many = encoder(1), encoder(7), encoder(32)
    alone = one.encode(texts, "document")
    order = np.random.default_rng(seed).permutation(len(texts))
    shuffled = np.empty_like(alone)
    shuffled[order] = few.encode([texts[n] for n in order], "document")
    longest = max(texts, key=len)
    beside_long = [many.encode([text, longest], "document")[0] for text in texts]
    halves = [many.encode(part, "document") for part in (texts[::2], texts[1::2])]
    apart = np.empty_like(alone)
    apart[::2], apart[1::2] = halves
    as_the_runtime = (
        many.encode(texts, "document"),
        many.encode(texts[::-1], "document")[::-1],
        shuffled,
        apart,
        np.stack(beside_long),
    )
    company: dict[str, Vectors] = dict(zip(RUNTIME_COMPANY, as_the_runtime, strict=True))
    run = _padded_runner(manifest, session, tokenizer)
    for count in PADDED:
        company[f"padded by {count}"] = np.concatenate([run(text, count) for text in texts])
    return Invariance(
        {kind: float(cosines(alone, vectors).min()) for kind, vectors in company.items()},
        {
            kind: float(np.mean(np.all(alone == vectors, axis=1)))
            for kind, vectors in company.items()
        },
    )


def _padded_runner(
    manifest: Manifest, session: Any, tokenizer: Any
) -> Callable[[str, int], Vectors]:
    """Return a function that encodes a text with padding tokens behind it to `(1, dim)`."""
    with_types = "token_type_ids" in {item.name for item in session.get_inputs()}

    def run(text: str, count: int) -> Vectors:
        tokens = tokenizer.encode(manifest.prompts.document + text).ids or [manifest.pad_token_id]
        count = min(count, manifest.max_tokens - len(tokens))
        ids, mask = pad([tokens, [0] * (len(tokens) + count)], manifest.pad_token_id)
        feed = {"input_ids": ids[:1], "attention_mask": mask[:1]}
        if with_types:
            feed["token_type_ids"] = np.zeros_like(ids[:1])
        vectors: Vectors = session.run([OUTPUT_NAME], feed)[0]
        return vectors

    return run
