"""Lines that stand for records of another shape, of which no record of the contract could be made.

Such a line holds the record's own bytes, so that the dead letter shows what came, and can be fed
again when the mapping is mended. It begins with a null byte, as no JSON does.
"""

from dataclasses import dataclass

import orjson

_SIGN = b"\0"


@dataclass(frozen=True)
class Undecoded:
    """The bytes of a record as it came, why it is not accepted, and its user if it can be read."""

    raw: bytes
    reason: str
    detail: str = ""
    user_id: str | None = None

    def as_line(self) -> bytes:
        """The line that stands for the record.

        >>> read_undecoded(Undecoded(b"<xml/>", "not_json").as_line())
        Undecoded(raw=b'<xml/>', reason='not_json', detail='', user_id=None)
        """
        # What UTF-8 cannot write is no id that a row could have.
        user_id = self.user_id if self.user_id is None or _is_utf8(self.user_id) else None
        detail = self.detail.encode(errors="replace").decode()
        note = orjson.dumps([self.reason, detail, user_id])
        return b"%b%b\n%b" % (_SIGN, note, self.raw)


def read_undecoded(line: bytes) -> Undecoded | None:
    """The record that a line stands for; None for any other line."""
    if not line.startswith(_SIGN):
        return None
    note, _, raw = line[len(_SIGN) :].partition(b"\n")
    try:
        reason, detail, user_id = orjson.loads(note)
    except (orjson.JSONDecodeError, TypeError, ValueError):
        return None
    texts = isinstance(reason, str) and isinstance(detail, str)
    if not texts or not (user_id is None or isinstance(user_id, str)):
        return None
    return Undecoded(raw, reason, detail, user_id)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
