"""Which users were merged into which: looked up by the old id, and by the new one."""

from collections.abc import Iterable, Mapping

from pyflink.common import Types
from pyflink.datastream.functions import RuntimeContext
from pyflink.datastream.state import MapStateDescriptor

MERGED_INTO = MapStateDescriptor("merged-into-v1", Types.STRING(), Types.STRING())
PARTS = MapStateDescriptor("merged-parts-v1", Types.STRING(), Types.PICKLED_BYTE_ARRAY())


class MergedUsers:
    """Two map states per bucket, with copies in memory.

    - Old id -> the id that it was merged into, in the old id's bucket: its later events go there.
    - New id -> its parts, all ids that were merged into it, over others or not, in the new id's
      bucket: who forgets the user forgets them.

    Both are about 100 bytes per merged user, and stay until the new user is forgotten.
    """

    def __init__(self, context: RuntimeContext) -> None:
        self._into = context.get_map_state(MERGED_INTO)
        self._parts = context.get_map_state(PARTS)
        self._into_copies: dict[int, dict[str, str]] = {}
        self._parts_copies: dict[int, dict[str, tuple[str, ...]]] = {}

    def into(self, bucket: int) -> Mapping[str, str]:
        """Of each merged user of the bucket, the user whom it was merged into."""
        return self._read_into(bucket)

    def merge(self, bucket: int, user_id: str, into: str) -> None:
        """Note that a user of the bucket was merged into another one."""
        self._read_into(bucket)[user_id] = into
        self._into.put(user_id, into)

    def part(self, bucket: int, user_id: str) -> None:
        """Let a user of the bucket be a user of its own again."""
        if self._read_into(bucket).pop(user_id, None) is not None:
            self._into.remove(user_id)

    def parts(self, bucket: int, user_id: str) -> tuple[str, ...]:
        """The users that were merged into a user of the bucket."""
        return self._read_parts(bucket).get(user_id, ())

    def add_parts(self, bucket: int, user_id: str, parts: Iterable[str]) -> None:
        """Add users that were merged into a user of the bucket; the user itself is left out."""
        before = self.parts(bucket, user_id)
        after = tuple(part for part in dict.fromkeys((*before, *parts)) if part != user_id)
        if after != before:
            self._read_parts(bucket)[user_id] = after
            self._parts.put(user_id, after)

    def take_parts(self, bucket: int, user_id: str) -> tuple[str, ...]:
        """Remove and return the users that were merged into a user of the bucket."""
        parts = self._read_parts(bucket).pop(user_id, ())
        if parts:
            self._parts.remove(user_id)
        return parts

    def _read_into(self, bucket: int) -> dict[str, str]:
        if bucket not in self._into_copies:
            self._into_copies[bucket] = dict(self._into.items())
        return self._into_copies[bucket]

    def _read_parts(self, bucket: int) -> dict[str, tuple[str, ...]]:
        if bucket not in self._parts_copies:
            self._parts_copies[bucket] = {user: tuple(ids) for user, ids in self._parts.items()}
        return self._parts_copies[bucket]
