"""The bucket of a user, as the Java half of the graph finds it (`jobs.graph.batch_sql`)."""

import numpy as np


def bucket_of(user_id: str, buckets: int) -> int:
    """The bucket of a user's events, from 0 to `buckets` - 1.

    It is `MOD(ABS(MOD(HASH_CODE(user_id), 1048576)), buckets)` of Flink's SQL. HASH_CODE is
    `Math.abs` of Java's `String.hashCode()`: the sum of the UTF-16 code units, each times a power
    of 31, the last one times 1, as a signed 32-bit number.

    >>> [bucket_of(user_id, 1024) for user_id in ("ada", "anon-7", "")]
    [158, 650, 0]
    """
    code = 0
    for unit in np.frombuffer(user_id.encode("utf-16-le"), dtype="<u2").tolist():
        code = (code * 31 + unit) & 0xFFFFFFFF
    return abs(code - (code >> 31 << 32)) % 1_048_576 % buckets
