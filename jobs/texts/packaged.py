"""Reads the packaged sentences of known sentiment, one file per language."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

_FOLDER = files("jobs.texts") / "sentences"


@dataclass(frozen=True)
class Sentence:
    """A text whose author likes something (polarity 1), dislikes it (-1), or neither (0)."""

    polarity: int
    text: str


def languages() -> tuple[str, ...]:
    """Return the codes of the languages that have sentences, sorted.

    >>> languages()
    ('de', 'en', 'es', 'fr', 'ja', 'zh')
    """
    return tuple(sorted(file.name.removesuffix(".tsv") for file in _FOLDER.iterdir()))


@cache
def sentences(language: str) -> tuple[Sentence, ...]:
    """Return the sentences of a language; empty if the package has none.

    >>> sentences("en")[0]
    Sentence(polarity=1, text='I love it.')
    """
    if language not in languages():
        return ()
    lines = (_FOLDER / f"{language}.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return tuple(Sentence(int(polarity), text) for polarity, text in rows)


def sentences_of(language: str, understood: Collection[str]) -> tuple[Sentence, ...]:
    """Return the sentences of a language for a model that understands the languages `understood`.

    Sentences of any other language become neutral: the model's vectors tell only that a text is
    in a foreign language, and such a comment must not count as liking.

    >>> sentences_of("de", ["en"])[0]
    Sentence(polarity=0, text='Ich liebe es.')
    """
    packaged = sentences(language)
    if language in understood:
        return packaged
    return tuple(replace(sentence, polarity=0) for sentence in packaged)
