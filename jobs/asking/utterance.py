"""The event of an utterance: what a user asks for is a search for it."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from jobs.core.asking.request import Said

ACTION = "search"


def utterance_event(user: str, said: Said, text: str, at: datetime) -> dict[str, Any] | None:
    """The record of an utterance; None where nothing is wanted, which there is nothing to count of.

    Its text is what is wanted: an encoder does not read a "no", and the refused would attract.
    `context` has the whole utterance.

    >>> from datetime import UTC
    >>> said = Said("en", wanted=("light",), refused=("horror",))
    >>> utterance_event("ada", said, "light, no horror", datetime(2025, 1, 1, tzinfo=UTC))["text"]
    'light'
    """
    if not said.wanted:
        return None
    return {
        "event_id": f"ask-{uuid4()}",
        "user_id": user,
        "action": ACTION,
        "text": ", ".join(said.wanted),
        "event_time": int(at.timestamp() * 1000),
        "context": {"utterance": text},
    }
