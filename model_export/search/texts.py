"""Texts to tune with, and other texts to judge by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jobs.datasets.detect import open_dataset
from jobs.errors import InterestreamError
from jobs.simulator.catalogue import build_catalogue
from jobs.spaces.build import documents
from model_export.errors import SearchError
from model_export.parity_texts import PARITY_TEXTS

ONE_ODD_IN = 5
"""One odd text is tuned with beside this many others."""
_SIGNS = "abcdefghijklmnopqrstuvwxyz0123456789.,;:!?-*#/<>=()"
_NOW_MS = 1_700_000_000_000
"""Any fixed time, since titles do not depend on it."""


@dataclass(frozen=True, slots=True)
class SearchTexts:
    """Texts to tune with and texts to judge by; no text is in both."""

    tuning: tuple[str, ...]
    judging: Mapping[str, tuple[str, ...]]
    """Texts by their kind, which is where they come from; neighbours are of the same kind."""


def choose_texts(
    *, tuning: int, judging: int, seed: int, catalogue: Sequence[str] = ()
) -> SearchTexts:
    """Return about `tuning` and `judging` texts: generated ones, parity texts, a catalogue's.

    Odd texts are added to those tuned with; the parity texts to judge by have some of their own.
    Half of the texts tuned with are the catalogue's, if there is one, and up to `judging` of its
    texts are judged by beside the generated ones.
    """
    rng = np.random.default_rng([seed, 7])
    own = _shuffled(dict.fromkeys(catalogue), rng)
    tuning_own, own = own[: tuning // 2], own[tuning // 2 :]
    generated = _shuffled(dict.fromkeys(generated_texts(tuning + judging, seed)), rng)
    wanted = tuning - len(tuning_own)
    plain = [*tuning_own, *generated[:wanted]]
    tuning_texts = [*plain, *PARITY_TEXTS[::2]]
    tuning_texts += dict.fromkeys(_odd(plain, len(plain) // ONE_ODD_IN, rng))
    taken = {*tuning_texts}
    judges = {
        "parity": PARITY_TEXTS[1::2],
        "generated": tuple(generated[wanted : wanted + judging]),
        "catalogue": tuple(own[:judging]),
    }
    return SearchTexts(
        tuple(tuning_texts),
        {
            kind: tuple(text for text in texts if text not in taken)
            for kind, texts in judges.items()
            if texts
        },
    )


def _odd(texts: Sequence[str], count: int, rng: np.random.Generator) -> Iterator[str]:
    """Yield odd texts such as users send by mistake: words and signs that repeat, and noise.

    Their activations reach further than those of sentences. Without them a fixed scale is too
    narrow for a word that is repeated a hundred times, since attention averages nothing out.
    """
    words = [word for text in texts for word in text.split()]
    for number in range(count):
        word = str(rng.choice(words))
        sign = str(rng.choice(list(_SIGNS)))
        times = int(rng.integers(2, 150))
        yield (
            word,
            f"{word} " * times,
            sign * times,
            "".join(rng.choice(list(_SIGNS), min(times, 30))),
            " ".join(rng.choice(words, min(times, 40))),
        )[number % 5]


def catalogue_texts(folder: Path) -> list[str]:
    """Return the documents of a data set's items; broken records are left out.

    Raises SearchError when the folder is no known data set.
    """
    try:
        return [*documents(open_dataset(folder).items())]
    except InterestreamError as error:
        raise SearchError(str(error)) from error


def generated_texts(count: int, seed: int) -> list[str]:
    """Return titles and titles with descriptions, half and half."""
    items = build_catalogue(seed, count, _NOW_MS).items.values()
    return [
        item["title"] if number % 2 else ". ".join(filter(None, (item["title"], item.get("text"))))
        for number, item in enumerate(items)
    ]


def _shuffled(texts: Mapping[str, None], rng: np.random.Generator) -> list[str]:
    listed = list(texts)
    return [listed[position] for position in rng.permutation(len(listed))]
