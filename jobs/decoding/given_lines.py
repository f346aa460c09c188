"""Records of the contract in a stream of another shape."""

import orjson

_BEGIN = b'{"interestream":'
_END = b"}"


def given_line(line: bytes) -> bytes:
    """A record of the contract, in the wrapping that keeps mappings away from it.

    >>> given_line(b'{"user_id": 1}')
    b'{"interestream":{"user_id": 1}}'
    """
    return b"%b%b%b" % (_BEGIN, line, _END)


def read_given(record: bytes) -> bytes | None:
    """The record of the contract in a wrapping; None for a record of another shape.

    The wrapping is read exactly as `given_line` writes it, so that others cost next to nothing.

    >>> read_given(b'{"interestream":{"user_id": 1}}')
    b'{"user_id": 1}'
    >>> read_given(b'{"interestream":{}, "user": 1}')
    """
    if not record.startswith(_BEGIN) or not record.endswith(_END) or _has_more(record):
        return None
    return record[len(_BEGIN) : -len(_END)]


def _has_more(record: bytes) -> bool:
    """Whether a record is an object with further members; what is wrapped may be no JSON."""
    try:
        return len(orjson.loads(record)) > 1
    except orjson.JSONDecodeError:
        return False
