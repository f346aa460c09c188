"""Addresses of users and items, whose ids may hold any character."""

from urllib.parse import urlencode


def user_path(user_id: str) -> str:
    """Return the address of a user's page.

    >>> user_path("a/b&c d")
    '/user?id=a%2Fb%26c+d'
    """
    return f"/user?{urlencode({'id': user_id})}"


def item_path(item_id: str) -> str:
    """Return the address of an item's page.

    >>> item_path("b-17")
    '/item?id=b-17'
    """
    return f"/item?{urlencode({'id': item_id})}"
