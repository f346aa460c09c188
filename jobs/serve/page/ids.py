"""Ids in addresses: what is no id is told before a database is asked."""

from collections.abc import Mapping

IDS = {"id": "a user or an item", "user": "a user", "item": "an item"}
"""What the ids of an address name; `id` may not be empty."""


def wrong_id(query: Mapping[str, str], longest: int) -> str | None:
    """Say what is wrong with the ids of an address, None where nothing is.

    `longest` is in characters.

    >>> wrong_id({"id": ""}, 256)
    "'id' is empty: it names a user or an item"
    >>> wrong_id({"id": "ann", "user": ""}, 256) is None
    True
    """
    for name, value in query.items():
        if "\0" in value:
            return f"'{name}' holds the character NUL, which no text in the database has"
        if name in IDS and len(value) > longest:
            return f"'{name}' is longer than {longest:,} characters, and so is no id of {IDS[name]}"
    if query.get("id") == "":
        return f"'id' is empty: it names {IDS['id']}"
    return None
