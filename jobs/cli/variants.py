"""Reads the variants of an experiment from the command line."""

from typing import Any

from jobs.errors import InterestreamError

_NUMBERS = ("diversity", "explore")


def read_variants(texts: list[str]) -> list[dict[str, Any]]:
    """What `start_experiment()` reads, from `NAME=SHARE,KEY=VALUE,...` for each variant.

    A key is `diversity`, `explore`, `space`, or `SEGMENT.SOURCE` for a weight. Raises
    InterestreamError for anything else; Postgres checks the rest.

    >>> read_variants(["plain=0.5", "bold=0.5,diversity=0.6,few.text=4"])[1]
    {'variant': 'bold', 'share': 0.5, 'diversity': 0.6, 'weights': {'few': {'text': 4.0}}}
    """
    return [_read_variant(text) for text in texts]


def read_shares(texts: list[str]) -> dict[str, float]:
    """Shares by variant, from `NAME=SHARE` for each.

    Raises InterestreamError for what is not of this form.

    >>> read_shares(["plain=0.2", "bold=0.8"])
    {'plain': 0.2, 'bold': 0.8}
    """
    return {name: _number(name, value) for name, value in map(_pair, texts)}


def _read_variant(text: str) -> dict[str, Any]:
    first, *changes = text.split(",")
    name, share = _pair(first)
    variant: dict[str, Any] = {"variant": name, "share": _number(name, share)}
    for key, value in map(_pair, changes):
        segment, dot, source = key.partition(".")
        if dot:
            variant.setdefault("weights", {}).setdefault(segment, {})[source] = _number(key, value)
        elif key in _NUMBERS:
            variant[key] = _number(key, value)
        elif key == "space":
            variant[key] = int(_number(key, value))
        else:
            raise InterestreamError(
                f"variant {name} changes '{key}', which is none of diversity, explore, space and"
                " SEGMENT.SOURCE (a weight, such as few.text)"
            )
    return variant


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key or not value:
        raise InterestreamError(f"'{text}' is not of the form NAME=NUMBER")
    return key.strip(), value.strip()


def _number(key: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InterestreamError(f"{key} is '{text}', which is not a number") from None
