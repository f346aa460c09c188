"""What a command says of the items that it wants: a filter as JSON, and quotas."""

from collections.abc import Sequence
from dataclasses import fields

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from interestream.item_filter import ItemFilter
from jobs.errors import ConfigError

_NAMES = sorted(field.name for field in fields(ItemFilter))
_FILTER = TypeAdapter(ItemFilter)


def read_filter(text: str) -> ItemFilter:
    """The filter of a JSON object whose members are the fields of `ItemFilter`.

    Raises ConfigError, which names what cannot be used.

    >>> read_filter('{"not_words": ["horror"]}').not_words
    ['horror']
    """
    try:
        found = _FILTER.validate_json(text, strict=True)
    except ValidationError as error:
        (first, *_) = error.errors()
        place = ".".join(map(str, first["loc"])) or "--filter"
        raise ConfigError(f"--filter cannot be used: {place}: {first['msg']}") from error
    for name in from_json(text):
        if name not in _NAMES:
            raise ConfigError(f"--filter knows no '{name}': use {', '.join(_NAMES)}")
    for moment in (found.published_after, found.published_before):
        if moment is not None and moment.tzinfo is None:
            raise ConfigError(f"--filter: a time needs an offset, as {moment.isoformat()}Z")
    return found


def read_quotas(texts: Sequence[str]) -> dict[str, int]:
    """The quotas of texts TYPE=NUMBER; raises ConfigError for another text.

    >>> read_quotas(["course=2", "article=1"])
    {'course': 2, 'article': 1}
    """
    quotas = {}
    for text in texts:
        name, _, count = text.rpartition("=")
        if not name or not count.isascii() or not count.isdigit():
            raise ConfigError(f"--quota needs a type of items and a number, as course=2: {text!r}")
        quotas[name] = int(count)
    return quotas
