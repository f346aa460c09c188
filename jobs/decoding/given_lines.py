"""Records of the contract in a stream of another shape."""

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
    """
    if not record.startswith(_BEGIN) or not record.endswith(_END):
        return None
    return record[len(_BEGIN) : -len(_END)]
