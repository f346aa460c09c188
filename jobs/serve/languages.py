"""Languages that a person reads, for the reasons in an answer."""

import re

from fastapi import Request

_TAG = re.compile(r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q=([0-9.]{1,5})\s*)?")
_MOST = 8


def accepted_languages(request: Request) -> str:
    """What `Accept-Language` says, best first, as the setting `interestream.language` wants it."""
    return by_preference(request.headers.get("accept-language", ""))


def by_preference(header: str) -> str:
    """The languages of a header `Accept-Language`, best first, with commas between them.

    >>> by_preference("fr;q=0.3, zh-CN, en;q=0.8, *;q=0.1")
    'zh-CN,en,fr'
    """
    found = []
    for place, part in enumerate(header[:1000].split(",")):
        match = _TAG.fullmatch(part)
        if match is None:
            continue
        try:
            quality = float(match[2] or 1)
        except ValueError:
            continue
        if quality > 0:
            found.append((-quality, place, match[1]))
    return ",".join(tag for _, _, tag in sorted(found)[:_MOST])
