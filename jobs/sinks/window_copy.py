"""Window rows as a binary COPY stream, built by numpy in one go."""

import numpy as np

from jobs.core.user_rows import WindowRows

# https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"


def window_copy(rows: WindowRows) -> bytes:
    """Columns: user int4, kind int4, as_of_ms int8, weight float4, embedding halfvec."""
    dim = rows.vector.shape[1]
    layout = np.dtype(
        [
            ("fields", ">i2"),
            ("user_size", ">i4"),
            ("user", ">i4"),
            ("kind_size", ">i4"),
            ("kind", ">i4"),
            ("as_of_size", ">i4"),
            ("as_of", ">i8"),
            ("weight_size", ">i4"),
            ("weight", ">f4"),
            ("embedding_size", ">i4"),
            ("dim", ">i2"),
            ("unused", ">i2"),
            ("embedding", ">f2", (dim,)),
        ]
    )
    buffer = np.zeros(len(rows.user), dtype=layout)
    buffer["fields"] = 5
    for name, size in (("user", 4), ("kind", 4), ("as_of", 8), ("weight", 4)):
        buffer[f"{name}_size"] = size
        buffer[name] = getattr(rows, name)
    buffer["embedding_size"] = 4 + 2 * dim
    buffer["dim"] = dim
    buffer["embedding"] = rows.vector
    return _HEADER + buffer.tobytes() + _TRAILER
