"""Reads what Java's DataOutput and Flink's serializers have written."""

import struct

from jobs.checkpoints.errors import CheckpointFormatError


class JavaInput:
    """A position in bytes, and readers that move it; raises CheckpointFormatError past the end."""

    def __init__(self, data: bytes, position: int = 0) -> None:
        if not 0 <= position <= len(data):
            raise CheckpointFormatError(f"position {position} of {len(data)} bytes")
        self._data = data
        self._position = position

    @property
    def left(self) -> int:
        """Number of bytes that are not read yet."""
        return len(self._data) - self._position

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        if not 0 <= count <= self.left:
            raise CheckpointFormatError(f"{count} bytes expected, {self.left} left")
        self._position += count
        return self._data[self._position - count : self._position]

    def byte(self) -> int:
        """An unsigned byte."""
        return self.take(1)[0]

    def flag(self) -> bool:
        """A boolean; raises CheckpointFormatError for a byte that is neither 0 nor 1."""
        found = self.byte()
        if found > 1:
            raise CheckpointFormatError(f"{found} where a boolean should be")
        return found == 1

    def int32(self) -> int:
        """A signed int, big-endian as Java writes it."""
        return int(struct.unpack(">i", self.take(4))[0])

    def int64(self) -> int:
        """A signed long, big-endian as Java writes it."""
        return int(struct.unpack(">q", self.take(8))[0])

    def little_int32(self) -> int:
        """A signed int, little-endian."""
        return int(struct.unpack("<i", self.take(4))[0])

    def count(self) -> int:
        """A number of things that follow, each of a byte at least."""
        found = self.int32()
        if not 0 <= found <= self.left:
            raise CheckpointFormatError(f"{found} things expected, {self.left} bytes left")
        return found

    def utf(self) -> str:
        """A string of `writeUTF`; raises CheckpointFormatError where it is not plain UTF-8."""
        return decoded(self.take(struct.unpack(">H", self.take(2))[0]))

    def nullable_string(self) -> str | None:
        """A string of Flink's `StringUtils.writeNullableString`."""
        if not self.flag():
            return None
        # The length is written plus one, since 0 would be null there.
        units = [self._variable() for _ in range(self._variable() - 1)]
        try:
            return struct.pack(f"<{len(units)}H", *units).decode("utf-16-le")
        except (struct.error, UnicodeDecodeError) as error:
            raise CheckpointFormatError(f"a string cannot be read: {error}") from error

    def _variable(self) -> int:
        found = shift = 0
        while (byte := self.byte()) >= 0x80:
            found |= (byte & 0x7F) << shift
            shift += 7
        return found | byte << shift


def decoded(raw: bytes) -> str:
    """UTF-8 as text; raises CheckpointFormatError."""
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise CheckpointFormatError(f"not UTF-8: {error}") from error
