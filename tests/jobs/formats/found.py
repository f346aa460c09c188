"""What a decoder found, where a test looks at a part of it."""

from typing import Any

from jobs.formats import Decoded, Undecodable, Upsert


def reason_of(found: Decoded) -> str:
    assert isinstance(found, Undecodable), found
    return found.reason


def row_of(found: Decoded) -> dict[str, Any]:
    assert isinstance(found, Upsert), found
    return found.row
