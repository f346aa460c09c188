"""From an utterance to the question for the database: pure, between what has to be fetched."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interestream import queries
from interestream.item_filter import ItemFilter
from interestream.queries import Query
from interestream.rows import AskedItem
from jobs.asking.languages import language, languages, quantities
from jobs.core.asking.conversation import Conversation, go_on
from jobs.core.asking.find_filters import CatalogueWords, Filters, Range, find_filters
from jobs.core.asking.language import Language
from jobs.core.asking.request import Said
from jobs.core.asking.shifts import ShownItem, bounds_of_shifts
from jobs.core.asking.texts import known_words, refused_words, unknown_words, wanted_text
from jobs.core.asking.understand import understand


@dataclass(frozen=True)
class Plan:
    """What will be asked, once `texts` are encoded with the query prompt."""

    said: Said
    conversation: Conversation
    """What holds now; its list is still the one before."""
    filters: Filters
    texts: tuple[str, ...]
    """The wanted text, if there is one, and then each refused one."""
    has_wanted: bool
    refused_words: tuple[str, ...]
    absences: tuple[str, ...]
    unknown_words: tuple[str, ...] = ()
    """What is left out for an encoder that does not read the language of the request."""

    missing_places: tuple[int, ...] = ()
    """Places that were named, and that the list before does not have."""

    @property
    def nothing_known(self) -> bool:
        """Whether no word of the request is known, and nothing else of it says what to show."""
        now = self.conversation
        found = self.texts or now.like or now.unlike or _both(None, self.filters)
        return bool(self.unknown_words) and not found

    def query(
        self,
        vectors: NDArray[np.float32],
        k: int = 10,
        *,
        user: str | None = None,
        where: ItemFilter | None = None,
        exclude: Collection[str] = (),
        personal: float = 0.15,
        refuse: float = 1.0,
        space: int | None = None,
    ) -> Query[AskedItem]:
        """The question; `vectors` `(texts, dim)` are what the encoder gives for `texts`.

        `where` holds besides what the request itself filters by.
        """
        wanted, refused = vectors[: self.has_wanted], vectors[self.has_wanted :]
        now = self.conversation
        return queries.ask_items(
            wanted[0].tolist() if self.has_wanted else None,
            k,
            refused=refused.tolist(),
            user=user,
            where=self.where(where),
            exclude=[*exclude, *now.excluded],
            like=now.like,
            unlike=now.unlike,
            refused_words=self.refused_words,
            absences=self.absences,
            personal=personal,
            refuse=refuse,
            space=space,
        )

    def where(self, given: ItemFilter | None = None) -> ItemFilter | None:
        """The filter that is asked with: what was found, and what the caller gives."""
        return _both(given, self.filters)

    def note(self) -> str | None:
        """What of the request cannot be answered, in a sentence without a full stop."""
        told = [f"there is no {_row(place)} in a list before" for place in self.missing_places]
        if self.nothing_known:
            told.append("no word of the request is known to the encoder")
        return "; ".join(told) or None

    def understood(self) -> dict[str, Any]:
        """For people and for JSON: what was wanted, refused and filtered by."""
        filters = self.filters
        return {
            "language": self.said.language,
            "wanted": list(self.conversation.wanted),
            "refused": list(self.conversation.refused),
            "like": list(self.conversation.like),
            "unlike": list(self.conversation.unlike),
            "filters": {
                "categories": list(filters.categories),
                "not_categories": list(filters.not_categories),
                "attributes": dict(filters.attributes),
                "not_attributes": {name: list(v) for name, v in filters.not_attributes.items()},
                "ranges": {name: _as_range(each) for name, each in filters.ranges.items()},
                "first_year": filters.first_year,
                "last_year": filters.last_year,
            },
            "unknown": [*filters.unknown, *self.unknown_words],
        }


def begin(text: str, before: Conversation) -> tuple[Said, Conversation]:
    """Read an utterance after what was said before.

    Where `said.shifts` is not empty, `make_plan` wants the items of the list before.
    """
    said = understand(text, languages())
    return said, go_on(before, said)


def make_plan(
    said: Said,
    now: Conversation,
    shown: Sequence[ShownItem],
    words: CatalogueWords,
    understood: Collection[str],
) -> Plan:
    """Plan the answer; `understood` are the languages that the encoder reads (empty: any)."""
    spoken = language(now.language)
    bounds, texts = bounds_of_shifts(said.shifts, shown, words, quantities())
    kept = {each.quantity: each for each in now.bounds} | {each.quantity: each for each in bounds}
    wanted = tuple(dict.fromkeys((*now.wanted, *texts)))[-8:]
    now = replace(now, bounds=tuple(kept.values()), wanted=wanted)
    filters = find_filters(wanted, now.refused, now.bounds, words, spoken, quantities())
    encoded = _wanted(wanted, spoken, understood, words.categories)
    put = [_read(each, spoken, understood) for each in now.refused]
    refused = tuple(each for each in put if each)
    unknown = [
        word
        for part in (*wanted, *now.refused)
        for own in (_language_of(part, spoken),)
        if understood and own.code not in understood
        for word in unknown_words(part, own)
    ]
    return Plan(
        said,
        now,
        filters,
        (*((encoded,) if encoded else ()), *refused),
        bool(encoded),
        tuple(refused_words(now.refused, spoken)),
        tuple(dict.fromkeys((*spoken.absences, *language("en").absences))),
        tuple(dict.fromkeys(unknown)),
        tuple(
            place
            for place in (*said.like, *said.unlike)
            if not 0 < (place if place > 0 else -place) <= len(now.items)
        ),
    )


def _row(place: int) -> str:
    return f"row {place}" if place > 0 else "last row"


def _language_of(part: str, spoken: Language) -> Language:
    """That of the letters of a part: an earlier part may be in another language."""
    return next((each for each in languages() if each.found_in(part)), spoken)


def _wanted(
    parts: Sequence[str], spoken: Language, understood: Collection[str], categories: Collection[str]
) -> str:
    """One text for the wanted parts, the empty one where the encoder can read nothing of them."""
    by_code: dict[str, list[str]] = {}
    for part in parts:
        by_code.setdefault(_language_of(part, spoken).code, []).append(part)
    texts = [
        wanted_text(of_one, language(code), understood, categories)
        for code, of_one in by_code.items()
    ]
    return ", ".join(text for text in texts if text)


def _read(part: str, spoken: Language, understood: Collection[str]) -> str:
    """A refused part as the encoder reads it, the empty text where it cannot."""
    own = _language_of(part, spoken)
    reads = not understood or own.code in understood
    return part if reads else " ".join(known_words(part, own))


def _both(where: ItemFilter | None, filters: Filters) -> ItemFilter | None:
    """One filter for what the caller and the request ask for; of two values the caller's holds."""
    own = ItemFilter(
        categories=filters.categories or None,
        attributes=filters.attributes or None,
        published_after=_new_year(filters.first_year),
        published_before=_new_year(None if filters.last_year is None else filters.last_year + 1),
        ranges={name: _as_range(each) for name, each in filters.ranges.items()} or None,
        not_categories=filters.not_categories or None,
        not_attributes={name: list(v) for name, v in filters.not_attributes.items()} or None,
    )
    if where is None:
        return None if own == ItemFilter() else own
    given: dict[str, Any] = {name: value for name, value in vars(where).items() if value}
    merged = {name: value for name, value in vars(own).items() if value} | given
    for name in ("attributes", "not_attributes", "ranges"):
        parts = [getattr(each, name) or {} for each in (own, where)]
        if any(parts):
            merged[name] = {**parts[0], **parts[1]}
    if filters.not_categories or where.not_categories:
        merged["not_categories"] = [*filters.not_categories, *(where.not_categories or ())]
    return ItemFilter(**merged)


def _as_range(bounds: Range) -> dict[str, float]:
    found: Mapping[str, float | None] = {"min": bounds.lowest, "max": bounds.highest}
    return {name: value for name, value in found.items() if value is not None}


def _new_year(year: int | None) -> datetime | None:
    return None if year is None else datetime(year, 1, 1, tzinfo=UTC)
