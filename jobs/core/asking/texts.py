"""What the encoder is given for the parts of a request, and what words the refused ones have."""

import re
from collections.abc import Collection, Iterable, Sequence

from jobs.core.asking.language import Language


def wanted_text(
    parts: Sequence[str],
    language: Language,
    understood: Collection[str],
    categories: Collection[str] = (),
) -> str:
    """One text for all wanted parts, for an encoder of the languages `understood`.

    A noun such as "film" at the end is left out: it leads to titles with that word. A mood
    that a category of the catalogue answers is said by it. For an encoder that does not read the
    language, known words are put into English and the others left out: nothing is left where no
    word is known. Where it is not told what the encoder reads, the text stays.

    >>> from jobs.asking.languages import language
    >>> wanted_text(["轻松的喜剧片"], language("zh"), ["en"])
    'light comedy'
    >>> wanted_text(["light for a rainy evening"], language("en"), ["en"], ["Comedy", "Romance"])
    'light-hearted comedy romance'
    """
    plain = [
        language.phrases.stripped(part, language.nouns, only_end=True) or part for part in parts
    ]
    text = _with_moods(", ".join(plain), language, categories)
    if not understood or language.code in understood:
        return text
    # A noun that is all that is known is what is wanted.
    return " ".join(known_words(text, language) or known_words(", ".join(parts), language))


def _with_moods(text: str, language: Language, categories: Collection[str]) -> str:
    names = {language.name(category) for category in categories}
    for phrase in sorted(language.moods, key=lambda each: -len(each)):
        said = language.moods[phrase]
        if names & {*said.split(), *said.replace("-", " ").split()}:
            text = language.phrases.one(phrase).sub(said if language.spaced else f" {said} ", text)
    return text


def known_words(text: str, language: Language) -> list[str]:
    """The English words for what `names` and `glossary` know of the text, in its order.

    Words in Latin letters are kept.
    """
    found = [language.meanings.get(word, word) for word, known in _words(text, language) if known]
    return list(dict.fromkeys(found))


def unknown_words(text: str, language: Language) -> list[str]:
    """What of the text `known_words` leaves out, without what says nothing by itself.

    >>> from jobs.asking.languages import language
    >>> unknown_words("关于鲸鱼的喜剧片", language("zh"))
    ['鲸鱼']
    """
    idle = (
        *language.fillers,
        *language.refused_fillers,
        *language.nouns,
        *language.joins,
        *language.particles,
    )
    runs = [word for word, known in _words(text, language) if not known]
    found = [language.phrases.stripped(run, idle) for run in runs]
    return list(dict.fromkeys(each for each in found if language.found_in(each)))


def words_in(text: str, language: Language) -> list[str]:
    """The words of `names` and `glossary` in the text; of two in one place the longer one."""
    return [word for word, known in _words(text, language) if known]


def _words(text: str, language: Language) -> list[tuple[str, bool]]:
    """The text in pieces: known words and words in Latin letters, and what is between them."""
    pieces: list[tuple[str, bool]] = []
    between = ""
    place = 0
    while place < len(text):
        latin = re.match(r"[A-Za-z][A-Za-z'-]*", text[place:])
        word = next((w for w in language.longest_first if text.startswith(w, place)), None)
        if word is None and latin is not None:
            word = latin[0]
        if word is None:
            between += text[place]
        else:
            pieces += [(between, False), (word, True)]
            between = ""
        place += len(word or " ")
    return [each for each in (*pieces, (between, False)) if each[0]]


def refused_words(refused: Iterable[str], language: Language) -> list[str]:
    """What no item's text may say: the refused parts in the singular, and in English.

    >>> from jobs.asking.languages import language
    >>> refused_words(["sulfates"], language("en")), refused_words(["硫酸盐"], language("zh"))
    (['sulfate'], ['硫酸盐', 'sulfate'])
    """
    words: dict[str, None] = {}
    for part in refused:
        words[language.name(part)] = None
        if not language.spaced:
            known = known_words(part, language)
            words |= dict.fromkeys(known if len(known) == 1 else ())
    return [word for word in words if word]
