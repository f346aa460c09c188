"""What the encoder is given for the parts of a request, and what words the refused ones have."""

from collections.abc import Collection, Iterable, Sequence

from jobs.core.asking.language import Language


def wanted_text(parts: Sequence[str], language: Language, understood: Collection[str]) -> str:
    """One text for all wanted parts, for an encoder of the languages `understood`.

    For an encoder that does not read the language, known words are put into English and the others
    left out; where no word is known, or it is not told what the encoder reads, the text stays.

    >>> from jobs.asking.languages import language
    >>> wanted_text(["轻松的喜剧片"], language("zh"), ["en"])
    'light comedy'
    """
    text = ", ".join(parts)
    if not understood or language.code in understood:
        return text
    return " ".join(known_words(text, language)) or text


def known_words(text: str, language: Language) -> list[str]:
    """The English words for what `names` and `glossary` know of the text, in its order."""
    meanings = {word: others[0] for word, others in language.names.items()} | language.glossary
    found = []
    place = 0
    longest_first = sorted(meanings, key=lambda word: -len(word))
    while place < len(text):
        word = next((each for each in longest_first if text.startswith(each, place)), None)
        if word is not None:
            found.append(meanings[word])
        place += len(word) if word else 1
    return list(dict.fromkeys(found))


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
