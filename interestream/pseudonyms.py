"""Pseudonyms of user ids: what stands for a person in state, tables and logs.

A job with `privacy.pseudonyms` keeps the pseudonym alone, so a program that asks about a person
needs the job's key.
"""

import hmac
import os
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from interestream.errors import PseudonymKeyError

KEY = "INTERESTREAM_PSEUDONYM_KEY"
"""Environment variable with the key."""
KEY_FILE = "INTERESTREAM_PSEUDONYM_KEY_FILE"
"""Environment variable with the path of a file that holds the key."""
MIN_KEY_BYTES = 32

_DIGEST_BYTES = 16
_PREFIX = "ps1-"
_PSEUDONYM = re.compile(r"ps1-[0-9a-f]{32}")
_REMEMBERED = 100_000
"""Users whose pseudonym is remembered, in memory alone: a digest costs more than a look-up."""


class Pseudonyms:
    """From user ids to pseudonyms, by one key.

    A pseudonym is `ps1-` and the first 128 bits of HMAC-SHA256 of the id's UTF-8, as 32 characters
    of hex: that two of a thousand million users share one has a chance below 2e-21. An id that has
    this form already is a pseudonym, and stays: dead letters can be fed again, and a program may
    ask by either.

    Raises PseudonymKeyError for a key of fewer than 32 bytes.

    >>> pseudonyms = Pseudonyms(b"0123456789abcdef0123456789abcdef")
    >>> pseudonyms("ada")
    'ps1-7f06173e229c19dd526caed61c2cfefa'
    >>> pseudonyms(pseudonyms("ada")) == pseudonyms("ada")
    True
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < MIN_KEY_BYTES:
            raise PseudonymKeyError(
                f"the key of pseudonyms has {len(key)} bytes, and needs {MIN_KEY_BYTES} at least:"
                " make one with `openssl rand -hex 32`"
            )
        self._key = key
        self._remember()

    def __call__(self, user_id: str) -> str:
        """The pseudonym of a user id."""
        return self._of(user_id)

    def of_event(self, event_id: str) -> str:
        """What stands for the id of an event, which is made in the same way.

        It is not remembered, since an event comes once.
        """
        return self._digest(event_id)

    def __repr__(self) -> str:
        return "Pseudonyms(**********)"

    def __getstate__(self) -> bytes:
        return self._key

    def __setstate__(self, key: bytes) -> None:
        self._key = key
        self._remember()

    def _remember(self) -> None:
        self._of = lru_cache(_REMEMBERED)(self._digest)

    def _digest(self, name: str) -> str:
        if name.startswith(_PREFIX) and _PSEUDONYM.fullmatch(name):
            return name
        code = hmac.digest(self._key, name.encode("utf-8", "surrogatepass"), "sha256")
        return _PREFIX + code[:_DIGEST_BYTES].hex()


def read_pseudonyms(environ: Mapping[str, str] = os.environ) -> Pseudonyms | None:
    """The pseudonyms of the key that the environment gives or names a file of; None without one.

    White space around the key does not count. Raises PseudonymKeyError for a key that is too short,
    for two of them, and for a file that cannot be read.
    """
    given, file = environ.get(KEY, ""), environ.get(KEY_FILE, "")
    if given and file:
        raise PseudonymKeyError(f"{KEY} and {KEY_FILE} are both set: unset one of them")
    if file:
        try:
            return Pseudonyms(Path(file).read_bytes().strip())
        except OSError as error:
            raise PseudonymKeyError(
                f"{KEY_FILE} names a file that cannot be read: {error.strerror}: {file}"
            ) from error
    return Pseudonyms(given.strip().encode()) if given else None
