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
"""Odd texts to tune with, beside the others."""
_SIGNS = "abcdefghijklmnopqrstuvwxyz0123456789.,;:!?-*#/<>=()"
_NOW_MS = 1_700_000_000_000
"""Any fixed time: titles do not depend on it."""


@dataclass(frozen=True, slots=True)
class SearchTexts:
    """No text is in both halves."""

    tuning: tuple[str, ...]
    judging: Mapping[str, tuple[str, ...]]
    """By where they come from; neighbours are looked for among texts of the same kind."""

    @property
    def all_judging(self) -> tuple[str, ...]:
        return tuple(text for texts in self.judging.values() for text in texts)


def choose_texts(
    *, tuning: int, judging: int, seed: int, catalogue: Sequence[str] = ()
) -> SearchTexts:
    """About `tuning` and `judging` texts: generated ones, the parity texts, and a catalogue's.

    Odd texts are added to the tuning half; the parity texts that judge have odd ones of their own.
    Where there is a catalogue, half of the tuning texts are its, and up to `judging` of its
    texts judge besides the generated ones.
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
    """What nobody writes and somebody sends: they reach further than sentences do.

    Without them a fixed scale is too narrow for a word that is repeated a hundred times, whose
    attention averages nothing out.
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
    """The documents of a data set's items; records that are broken are left out.

    Raises SearchError when the folder is no data set that is known.
    """
    try:
        return [*documents(open_dataset(folder).items())]
    except InterestreamError as error:
        raise SearchError(str(error)) from error


def generated_texts(count: int, seed: int) -> list[str]:
    """Titles, and titles with descriptions, half and half."""
    items = build_catalogue(seed, count, _NOW_MS).items.values()
    return [
        item["title"] if number % 2 else ". ".join(filter(None, (item["title"], item.get("text"))))
        for number, item in enumerate(items)
    ]


def _shuffled(texts: Mapping[str, None], rng: np.random.Generator) -> list[str]:
    listed = list(texts)
    return [listed[position] for position in rng.permutation(len(listed))]
