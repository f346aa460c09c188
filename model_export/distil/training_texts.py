"""Texts that a student learns from, with the teacher's vectors, and other texts to judge it by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model_export.parity_texts import PARITY_TEXTS
from model_export.quantise.weights import Floats
from model_export.search.texts import generated_texts
from udfs.encoder import Encoder

HELD_OUT_SHARE = 0.2
MOST_HELD_OUT = 500


@dataclass(frozen=True, slots=True)
class TrainingTexts:
    """Texts to learn from and texts to judge by; no text is in both."""

    texts: tuple[str, ...]
    targets: Floats
    """The teacher's vectors of `texts`, `(len(texts), dim)` float32."""
    judging: Mapping[str, tuple[str, ...]]
    """Texts to judge by, by their kind."""


def prepare_training_texts(
    teacher: Encoder, catalogue: Sequence[str], *, generated: int, seed: int
) -> TrainingTexts:
    """Hold out a fifth of each kind of text for judging, and have the teacher encode the rest.

    `generated` is the number of generated texts beside those of the catalogue.
    """
    rng = np.random.default_rng([seed, 11])
    kinds = {
        "generated": list(dict.fromkeys(generated_texts(generated, seed))),
        "catalogue": list(dict.fromkeys(catalogue)),
    }
    learned: list[str] = []
    judging: dict[str, tuple[str, ...]] = {}
    for kind, texts in kinds.items():
        shuffled = [texts[n] for n in rng.permutation(len(texts))]
        held_out = min(MOST_HELD_OUT, int(len(shuffled) * HELD_OUT_SHARE))
        fresh = [text for text in shuffled[:held_out] if text not in PARITY_TEXTS]
        if fresh:
            judging[kind] = tuple(fresh)
        learned += shuffled[held_out:]
    taken = {text for texts in judging.values() for text in texts}
    kept = tuple(text for text in dict.fromkeys(learned) if text not in taken)
    return TrainingTexts(kept, teacher.encode(kept, "document"), judging)
