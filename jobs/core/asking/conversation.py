"""What a follow-up stands on: the client keeps it and sends it back."""

from dataclasses import dataclass, replace
from typing import Any

import msgspec

from jobs.core.asking.request import Bound, Said

VERSION = 1
MAX_ITEMS = 1000
"""Of the list before; of what is excluded the newest as many."""
MAX_TEXTS = 16


class ConversationError(ValueError):
    """What a client sent back is no conversation; the message says so."""


@dataclass(frozen=True)
class Conversation:
    """All that was said so far that still holds, and the list that was shown last."""

    language: str = "en"
    wanted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    bounds: tuple[Bound, ...] = ()
    like: tuple[str, ...] = ()
    """Ids of items that the answer shall be like."""
    unlike: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    """Ids of items that were shown and shall not come again."""
    items: tuple[str, ...] = ()
    """Ids of the last list, in its order."""
    version: int = VERSION

    def shown(self, items: tuple[str, ...]) -> "Conversation":
        """The conversation with the list that the answer shows."""
        return replace(self, items=items[:MAX_ITEMS])

    def as_dict(self) -> dict[str, Any]:
        """For JSON, without what is empty."""
        written: dict[str, Any] = msgspec.to_builtins(self)
        return {name: value for name, value in written.items() if value}


def read_conversation(sent: Any) -> Conversation:
    """Return the conversation of what a client sent back (None: a new one).

    Raises ConversationError for anything else than an answer has given.
    """
    if sent is None:
        return Conversation()
    try:
        found = msgspec.convert(sent, Conversation)
    except msgspec.ValidationError as error:
        raise ConversationError(
            f"the conversation is not what an answer gave ({error}): send it back as it came, or"
            " leave it out"
        ) from None
    if found.version != VERSION:
        raise ConversationError(
            f"the conversation has version {found.version}, this one reads {VERSION}: leave it out"
        )
    ids = (found.items, found.like, found.unlike, found.excluded)
    texts = (found.wanted, found.refused)
    too_many = any(len(each) > MAX_ITEMS for each in ids) or any(
        len(each) > MAX_TEXTS for each in (*texts, found.bounds)
    )
    too_long = any(len(text) > 500 for each in (*ids, *texts) for text in each)
    if too_many or too_long:
        raise ConversationError("the conversation is longer than any that an answer gives")
    return found


def go_on(before: Conversation, said: Said) -> Conversation:
    """What holds after `said`: all of it new, or the conversation before with what is added.

    A follow-up adds to what was wanted and refused; a bound takes the place of the one of the same
    quantity. Places of items that were not shown are passed over.

    >>> go_on(Conversation(wanted=("comedy",), items=("a", "b")), Said("en", like=(2,),
    ...     follow_up=True)).like
    ('b',)
    """
    if not (said.follow_up and (before.items or before.wanted or before.refused)):
        return Conversation(said.language, said.wanted, said.refused, said.bounds)
    bounds = {each.quantity: each for each in before.bounds}
    bounds |= {each.quantity: each for each in said.bounds}
    like = _at(before.items, said.like)
    refused = _newest((*before.refused, *said.refused))
    return replace(
        before,
        language=said.language if said.wanted or said.refused else before.language,
        # What is wanted now is refused no more, and the other way round.
        wanted=tuple(
            each for each in _newest((*before.wanted, *said.wanted)) if each not in said.refused
        ),
        refused=tuple(each for each in refused if each not in said.wanted),
        bounds=tuple(bounds.values()),
        like=like or before.like,
        unlike=(*before.unlike, *_at(before.items, said.unlike))[-MAX_TEXTS:],
        excluded=(
            (*before.excluded, *before.items)[-MAX_ITEMS:] if said.others else before.excluded
        ),
    )


def _newest(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))[-MAX_TEXTS // 2 :]


def _at(items: tuple[str, ...], places: tuple[int, ...]) -> tuple[str, ...]:
    found = [
        items[place - 1 if place > 0 else place]
        for place in places
        if (0 < place <= len(items)) or (place < 0 and -place <= len(items))
    ]
    return tuple(dict.fromkeys(found))
