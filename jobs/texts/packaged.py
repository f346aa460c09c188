"""Sentences of known sentiment that come with the package, one file per language."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

_FOLDER = files("jobs.texts") / "sentences"


@dataclass(frozen=True)
class Sentence:
    """A text and whether it likes (1), dislikes (-1) or neither (0)."""

    polarity: int
    text: str


def languages() -> tuple[str, ...]:
    """Codes of the languages that have sentences.

    >>> languages()
    ('de', 'en', 'es', 'fr', 'ja', 'zh')
    """
    return tuple(sorted(file.name.removesuffix(".tsv") for file in _FOLDER.iterdir()))


@cache
def sentences(language: str) -> tuple[Sentence, ...]:
    """The sentences of a language; none where there is no file of it.

    >>> sentences("en")[0]
    Sentence(polarity=1, text='I love it.')
    """
    if language not in languages():
        return ()
    lines = (_FOLDER / f"{language}.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return tuple(Sentence(int(polarity), text) for polarity, text in rows)


def sentences_of(language: str, understood: Collection[str]) -> tuple[Sentence, ...]:
    """The sentences of a language for a model that understands some languages.

    To a model that does not understand it they say nothing, whatever they say: they are neutral,
    so that a text in a foreign language is not taken for a liking one.

    >>> sentences_of("de", ["en"])[0]
    Sentence(polarity=0, text='Ich liebe es.')
    """
    known = sentences(language)
    if language in understood:
        return known
    return tuple(replace(sentence, polarity=0) for sentence in known)
