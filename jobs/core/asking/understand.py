"""Reads an utterance by the rules of its language."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from jobs.core.asking.amounts import take_bounds
from jobs.core.asking.language import Language
from jobs.core.asking.phrases import CUT
from jobs.core.asking.refusals import take_refusals
from jobs.core.asking.request import Said, Shift

MAX_CHARACTERS = 500
"""Of an utterance; what comes behind is not read."""
MAX_PARTS = 8
"""Of the wanted and of the refused parts."""
NO_WORDS = "the request has no words: say what is wanted"

_QUOTED = re.compile(r"[\"“”«»„「」『』《》]([^\"“”«»„「」『』《》]{1,100})[\"“”«»„「」『』《》]")
_ENDS = re.compile(r"\s*[,;:.!?]+(?=\s|$)|[。\n]+")
_UNSPACED_ENDS = re.compile(r"[,;:.!?。\n]+")


def understand(text: str, languages: Sequence[Language]) -> Said:
    """Return what a person says in one of the languages; unknown words are wanted.

    A text of the letters of none is read as one of the last language. It never raises.

    >>> from jobs.asking.languages import languages
    >>> said = understand("something light for a rainy evening, no horror", languages())
    >>> said.wanted, said.refused
    (('light for a rainy evening',), ('horror',))
    """
    plain = "".join(
        each if unicodedata.category(each)[0] != "C" or each in "\n\t" else " "
        for each in unicodedata.normalize("NFKC", text)[:MAX_CHARACTERS]
    )
    language = next((each for each in languages if each.found_in(plain)), languages[-1])
    plain, quoted = _hide_quoted(language.written_as_phrases(plain))
    begins = _begins_as_follow_up(plain, language)
    if _is_one_of(plain, language.others, language):
        return Said(language.code, others=True, follow_up=True)
    plain, bounds = take_bounds(plain, language)
    plain, unlike = _take_ordinals(plain, language.unlike, language)
    plain, like = _take_ordinals(plain, language.like, language)
    plain, shifts = _take_shifts(plain, language)
    kept, taken = take_refusals(_parts(plain, language), language)
    wanted = _known(kept, quoted, language.fillers, language)
    refused = _known(taken, quoted, language.refused_fillers, language)
    return Said(
        language.code,
        wanted,
        refused,
        tuple(bounds),
        tuple(shifts),
        tuple(like),
        tuple(unlike),
        follow_up=bool(like or unlike or shifts or begins or not wanted),
    )


def is_blank(text: str) -> bool:
    """Whether there is nothing in it to be read: it is empty, or white space."""
    return not text.strip()


def _hide_quoted(text: str) -> tuple[str, list[str]]:
    """Titles in quotation marks are taken as they are: `No Country for Old Men` refuses nothing."""
    quoted: list[str] = []

    def hide(match: re.Match[str]) -> str:
        quoted.append(match[1])
        return f"\x02{len(quoted) - 1}\x03"

    return _QUOTED.sub(hide, text.replace("\x02", " ").replace("\x03", " ")), quoted


def _show_quoted(text: str, quoted: Sequence[str]) -> str:
    return re.sub(r"\x02(\d+)\x03", lambda match: quoted[int(match[1])], text)


def _bare(text: str) -> str:
    return re.sub(r"[\s,.!?，。！？]+", " ", text).strip().casefold()


def _is_one_of(text: str, phrases: Iterable[str], language: Language) -> bool:
    pattern = language.phrases.any_of(phrases)
    return pattern.fullmatch(_bare(text)) is not None


def _begins_as_follow_up(text: str, language: Language) -> bool:
    return language.phrases.any_of(language.follow_ups).match(text.strip()) is not None


def _parts(text: str, language: Language) -> list[str]:
    text = (_ENDS if language.spaced else _UNSPACED_ENDS).sub("\n", text)
    # "anything but", a refusal, is not broken at its "but".
    kept = [match.span() for match in language.phrases.any_of(language.refusals).finditer(text)]
    for match in reversed(list(language.phrases.any_of(language.breaks).finditer(text))):
        if not any(start < match.start() and match.end() <= end for start, end in kept):
            text = f"{text[: match.start()]}\n{text[match.end() :]}"
    return [part for part in text.split("\n") if part.strip(f" {CUT}")]


def _take_ordinals(text: str, phrases: Sequence[str], language: Language) -> tuple[str, list[int]]:
    found: list[int] = []
    search = language.phrases.with_ordinals(phrases)
    while (match := search(text)) is not None:
        inner = list(language.phrases.ordinals.finditer(match[0]))
        groups = [group for group in (inner[-1].groups() if inner else ()) if group]
        place = _place(groups[0], language) if groups else None
        if place is None:
            break
        found.append(place)
        text = f"{text[: match.start()]} {CUT} {text[match.end() :]}"
    return text, found


def _place(word: str, language: Language) -> int | None:
    plain = word.casefold()
    if plain in language.ordinals:
        return language.ordinals[plain]
    number = int(float(plain)) if plain[0].isdigit() else int(language.numbers.get(plain, 0))
    return number if 1 <= number <= 1000 else None


def _take_shifts(text: str, language: Language) -> tuple[str, list[Shift]]:
    found: list[Shift] = []
    for phrase in sorted(language.shifts, key=lambda each: -len(each)):
        pattern = language.phrases.one(phrase)
        if pattern.search(text) is not None:
            found.append(language.shifts[phrase])
            text = pattern.sub(f" {CUT} ", text)
    return text, found


def _known(
    parts: Iterable[str], quoted: Sequence[str], fillers: Sequence[str], language: Language
) -> tuple[str, ...]:
    """The parts without fillers and repeats, at most MAX_PARTS."""
    seen: dict[str, str] = {}
    for part in parts:
        joined = " ".join(part.replace(CUT, " ").split())
        text = _show_quoted(language.phrases.stripped(joined, fillers), quoted)
        if any(each.isalnum() for each in text):
            seen.setdefault(text.casefold(), text)
    return tuple(seen.values())[:MAX_PARTS]
