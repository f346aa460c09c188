"""The state of a bucket's users, and who of them is out."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from pyflink.common import Time, Types
from pyflink.datastream.functions import RuntimeContext
from pyflink.datastream.state import MapStateDescriptor, StateTtlConfig

from jobs.core.user_state import Layout, UserEntry, relaid

USERS_STATE = "users-v2"
EXCLUDED = MapStateDescriptor("excluded-v1", Types.STRING(), Types.STRING())

FORGET = "forget"
OPT_OUT = "opt_out"


def users_descriptor(ttl_s: int) -> MapStateDescriptor:
    """Map state user id -> UserEntry, with a TTL per user; always with one, since a savepoint of a
    state without TTL cannot be restored into one with.

    Flink's incremental clean-up would look through a bucket's whole map at every access. Instead
    expired users are left out of checkpoints and of RocksDB's compactions; on the heap they leave
    the memory when they are asked for, or at the next restart.
    """
    descriptor = MapStateDescriptor(USERS_STATE, Types.STRING(), Types.PICKLED_BYTE_ARRAY())
    descriptor.enable_time_to_live(
        StateTtlConfig.new_builder(Time.seconds(ttl_s))
        .disable_cleanup_in_background()
        .cleanup_full_snapshot()
        .cleanup_in_rocksdb_compact_filter(1_000)
        .build()
    )
    return descriptor


class UserStore:
    """Two map states per bucket.

    Users: the record and tails of ``jobs.core.user_state`` (7.2 kB by default, 12 bytes per event
    id within the duplicate TTL, 35 per event that can be undone, 2 * dim + 8 per text among the
    last interactions); gone ``user_ttl_s`` after the last event. Excluded: a digest of the user's
    id (32 characters) and why, for good: a forgotten user's later events stay out, and nothing
    tells who it was.
    """

    def __init__(self, context: RuntimeContext, layout: Layout, ttl_s: int) -> None:
        self._users = context.get_map_state(users_descriptor(ttl_s))
        self._excluded = context.get_map_state(EXCLUDED)
        self._layout = layout
        # A copy of the excluded map per bucket, read at the bucket's first batch after a start.
        self._out: dict[int, dict[str, str]] = {}

    def read(
        self, users: Sequence[str], layouts: Sequence[tuple[object, ...]]
    ) -> list[UserEntry | None]:
        """The users' entries in today's layout; ``layouts`` are those of the bucket's book, of
        which today's is the last."""
        get = self._users.get
        packed = [get(user_id) for user_id in users]
        entries = [None if value is None else UserEntry.unpack(value) for value in packed]
        today = len(layouts) - 1
        return [
            entry
            if entry is None or entry.layout == today
            else relaid(entry, Layout(*layouts[entry.layout]), self._layout, today)  # type: ignore[arg-type]
            for entry in entries
        ]

    def put(self, entries: Mapping[str, UserEntry], layouts: Sequence[tuple[object, ...]]) -> None:
        today = len(layouts) - 1
        if entries:
            self._users.put_all({user: (*entry[:4], today) for user, entry in entries.items()})

    def remove(self, user_id: str) -> None:
        self._users.remove(user_id)

    def excluded(self, bucket: int, users: Sequence[str]) -> npt.NDArray[np.bool_]:
        """``(users,)`` who is forgotten or has opted out."""
        out = self._known_out(bucket)
        if not out:
            return np.zeros(len(users), dtype=bool)
        return np.array([digest(user_id) in out for user_id in users], dtype=bool)

    def why_excluded(self, bucket: int, user_id: str) -> str | None:
        return self._known_out(bucket).get(digest(user_id))

    def exclude(self, bucket: int, user_id: str, why: str) -> None:
        self._known_out(bucket)[digest(user_id)] = why
        self._excluded.put(digest(user_id), why)

    def take_back(self, bucket: int, user_id: str) -> None:
        self._known_out(bucket).pop(digest(user_id), None)
        self._excluded.remove(digest(user_id))

    def _known_out(self, bucket: int) -> dict[str, str]:
        known = self._out.get(bucket)
        if known is None:
            known = self._out[bucket] = dict(self._excluded.items())
        return known


def digest(user_id: str) -> str:
    """What stands for an excluded user: 128 bits, of which no id can be read."""
    return hashlib.blake2b(user_id.encode(), digest_size=16).hexdigest()
