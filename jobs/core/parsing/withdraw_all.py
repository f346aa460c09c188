"""The line by which a source that was emptied withdraws all items of a bucket.

It is made in the job alone, for each bucket one, where records of another shape are decoded: the
line of a record of the contract names one item.
"""

_BEGIN = b"\x1ewithdraw_all "
WITHDRAW_ALL = r"^\x1ewithdraw_all ([0-9]{1,4})$"
"""The line, as a pattern for Java; its group is the bucket."""


def withdraw_all_line(bucket: int) -> bytes:
    """The line for a bucket.

    >>> withdraw_all_line(3)
    b'\\x1ewithdraw_all 3'
    """
    return b"%b%d" % (_BEGIN, bucket)


def is_withdraw_all(line: bytes) -> bool:
    """Whether a line withdraws all items of its bucket."""
    return line.startswith(_BEGIN)
