"""The phrases of the topics that come along, by language.

The schema brings the topics with their English phrases, which people may edit. The files here have
the same phrases, and those that say it in other languages.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files

_FOLDER = files("jobs.texts") / "topics"
_SCHEMA = "en"
"""The language in which the schema brings the topics."""


@cache
def packaged_topics(language: str) -> Mapping[str, tuple[str, ...]]:
    """Return the phrases of each topic in a language; empty if the package has none.

    >>> packaged_topics("zh")["music"][0]
    '歌曲、专辑和乐队'
    """
    if f"{language}.tsv" not in {file.name for file in _FOLDER.iterdir()}:
        return {}
    phrases: dict[str, tuple[str, ...]] = {}
    for line in (_FOLDER / f"{language}.tsv").read_text(encoding="utf-8").splitlines():
        topic, phrase = line.split("\t")
        phrases[topic] = (*phrases.get(topic, ()), phrase)
    return phrases


def phrases_in(texts: Sequence[str], languages: Iterable[str]) -> list[str]:
    """Return what a topic with these `texts` is encoded from for a model of these `languages`.

    A topic that still has the texts of the schema is said in each of the languages that the
    package has, or in English where it has none of them. Any other texts are what somebody wrote
    for their own catalogue, and stay as they are.

    >>> phrases_in(["puzzles"], ["zh"])
    ['puzzles']
    >>> music = packaged_topics("en")["music"]
    >>> phrases_in(music, ["zh-CN"]) == list(packaged_topics("zh")["music"])
    True
    >>> phrases_in(music, ["zh", "en"]) == [*music, *packaged_topics("zh")["music"]]
    True
    """
    name = _names_by_texts().get(tuple(texts))
    if name is None:
        return list(texts)
    # `zh-CN` and `zh_TW` are Chinese.
    codes = sorted({code.lower().replace("_", "-").partition("-")[0] for code in languages})
    return [phrase for code in codes for phrase in packaged_topics(code).get(name, ())] or list(
        texts
    )


@cache
def _names_by_texts() -> Mapping[tuple[str, ...], str]:
    """By texts rather than by name, since a topic may have been renamed."""
    return {texts: name for name, texts in packaged_topics(_SCHEMA).items()}
