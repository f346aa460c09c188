"""A shop in a committed database: items of three kinds, users who did something with them."""

from tests.sql.conftest import filled

__all__ = ["filled"]
