"""Parts what is refused from what is wanted."""

import re
from collections.abc import Sequence

from jobs.core.asking.language import Language
from jobs.core.asking.phrases import CUT


def take_refusals(parts: Sequence[str], language: Language) -> tuple[list[str], list[str]]:
    """Return the wanted and the refused parts of an utterance.

    A refusal goes to the end of its part, or to a word of `refusal_ends`. In "no horror, gore or
    war" it goes on through the list that ends with "or".

    >>> from jobs.asking.languages import language
    >>> take_refusals(["a comedy without romance"], language("en"))
    (['a comedy '], [' romance'])
    """
    wanted: list[str] = []
    refused: list[str] = []
    open_list: list[str] = []
    ends_list = re.compile(rf"\s*{language.phrases.any_of(language.list_ends).pattern}", re.I)
    in_list = re.compile(language.phrases.any_of(language.list_ends).pattern, re.I)
    refusing = False
    for part in parts:
        before, scope, after = _split_refusal(part, language)
        if scope is not None:
            wanted += open_list
            open_list = []
            wanted += [before, after]
            refused += language.phrases.split(scope, language.joins)
            refusing = not after.strip()
        elif (
            refusing
            and _words(part, language) <= 3
            and (ends_list.match(part) or in_list.search(part))
        ):
            refused += [*open_list, *language.phrases.split(part, language.joins)]
            open_list = []
            refusing = False
        elif refusing and _words(part, language) <= 2:
            open_list.append(part)
        else:
            wanted += [*open_list, part]
            open_list = []
            refusing = False
    return [each for each in [*wanted, *open_list] if each.strip(f" {CUT}")], refused


def _words(part: str, language: Language) -> int:
    return len(part.split()) if language.spaced else (len(part.strip()) + 1) // 2


def _split_refusal(part: str, language: Language) -> tuple[str, str | None, str]:
    """What comes before a refusal, its scope (None without one), and what comes behind."""
    allowed = [
        match.span() for match in language.phrases.any_of(language.not_refusals).finditer(part)
    ]
    for match in language.phrases.any_of(language.refusals).finditer(part):
        if any(start < match.end() and match.start() < end for start, end in allowed):
            continue
        if _is_of_a_title(part, match):
            continue
        rest = part[match.end() :]
        end = language.phrases.any_of(language.refusal_ends).search(rest)
        if end is not None and rest[: end.start()].strip():
            return part[: match.start()], rest[: end.start()], rest[end.start() :]
        return part[: match.start()], rest, ""
    return part, None, ""


def _is_of_a_title(part: str, match: re.Match[str]) -> bool:
    """Whether a refusal is in a title: in capitals inside a part, and so is the word behind."""
    return bool(
        part[: match.start()].strip()
        and match[0][:1].isupper()
        and part[match.end() :].lstrip()[:1].isupper()
    )
