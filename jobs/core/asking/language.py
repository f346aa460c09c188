"""The rules of a language, as `jobs/asking/languages/*.toml` write them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from jobs.core.asking.phrases import Phrases
from jobs.core.asking.request import Shift

Words = tuple[str, ...]


@dataclass(frozen=True)
class Unit:
    """What a number with this unit measures."""

    quantity: str
    currency: str | None
    factor: float
    """Base units (seconds of a duration) in one."""


@dataclass(frozen=True)
class Language:
    """Phrases of one language; see `languages/en.toml` for what each is for."""

    code: str
    letters: str
    """A pattern of what only texts of this language have."""
    spaced: bool
    """Whether spaces part the words."""
    variants: Words = ()
    """Characters, and as many others that the phrases are written with."""
    fillers: Words = ()
    breaks: Words = ()
    joins: Words = ()
    list_ends: Words = ()
    refusals: Words = ()
    refusal_ends: Words = ()
    not_refusals: Words = ()
    refused_fillers: Words = ()
    nouns: Words = ()
    particles: Words = ()
    plural_ends: Words = ()
    absences: Words = ()
    follow_ups: Words = ()
    others: Words = ()
    like: Words = ()
    unlike: Words = ()
    ordinal_forms: Words = ()
    ordinals: Mapping[str, int] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    decades: Mapping[str, int] = field(default_factory=dict)
    units: Mapping[str, Unit] = field(default_factory=dict)
    bounds: Mapping[str, Sequence[str]] = field(default_factory=dict)
    shifts: Mapping[str, Shift] = field(default_factory=dict)
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    glossary: Mapping[str, str] = field(default_factory=dict)
    moods: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def phrases(self) -> Phrases:
        """Makes patterns of phrases of this language."""
        return Phrases(self)

    @cached_property
    def meanings(self) -> Mapping[str, str]:
        """The English word for each that `names` and `glossary` know."""
        named = {word: others[0] for word, others in self.names.items()}
        return named | dict(self.glossary)

    @cached_property
    def longest_first(self) -> Sequence[str]:
        """The words of `meanings`; a longer one is read before one that is in it."""
        return sorted(self.meanings, key=lambda word: (-len(word), word))

    def found_in(self, text: str) -> bool:
        """Whether `text` has letters of this language."""
        return re.search(self.letters, text) is not None

    def written_as_phrases(self, text: str) -> str:
        """The text in the characters of the phrases."""
        return text.translate(str.maketrans(*self.variants)) if self.variants else text

    def singular(self, word: str) -> str:
        """The word without the ending of its plural; `plural_ends` are tried in their order."""
        for rule in self.plural_ends:
            ending, _, instead = rule.partition(">")
            if word.endswith(ending) and len(word) > 3 and len(word) >= len(ending) + 2:
                return word.removesuffix(ending) + instead
        return word

    def name(self, text: str) -> str:
        """What `text` names: lower case, without nouns like `films` around it, in the singular."""
        plain = self.phrases.stripped(text.casefold().strip(), self.nouns)
        return " ".join(self.singular(word) for word in plain.replace("-", " ").split())
