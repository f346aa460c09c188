"""What pydantic says of a mistake, without its own words around ours."""

from collections.abc import Mapping
from typing import Any

_AROUND = ("Value error, ", "Assertion failed, ")


def plain_message(mistake: Mapping[str, Any]) -> str:
    """The message of one of `ValidationError.errors()`; that of a validator of ours as it is.

    >>> plain_message({"msg": "Value error, needs 16 characters at least"})
    'needs 16 characters at least'
    """
    message = str(mistake["msg"])
    for words in _AROUND:
        message = message.removeprefix(words)
    return message
