"""The state of a bucket's users, and who of them is out."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from pyflink.common import Time, Types
from pyflink.datastream.functions import RuntimeContext
from pyflink.datastream.state import MapStateDescriptor, StateTtlConfig

from jobs.core.interest.state_migration import migrate_entry
from jobs.core.interest.user_state import Layout, UserEntry, make_entry

USERS_STATE = "users-v2"
EXCLUDED = MapStateDescriptor("excluded-v1", Types.STRING(), Types.STRING())

_SAMPLE = 256
_OVERHEAD = 350
"""Bytes of an entry besides its parts: the tuple, their headers, the key."""

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

    Users: the record and tails of `jobs.core.interest.user_state`: 4.1 to 7.2 kB by default, and
    12 bytes per event id within the duplicate TTL, 35 per event that can be undone, 2 * dim + 8 per
    text among the last interactions. An entry dies `user_ttl_s` after the user's last event.

    Excluded: a digest of the user's id (32 characters) and the reason, kept for good, so that later
    events of a forgotten user stay out. The id cannot be read from the digest.
    """

    def __init__(
        self, context: RuntimeContext, layout: Layout, ttl_s: int, cache_mb: int = 0
    ) -> None:
        self._cache = EntryCache(ttl_s * 1000, cache_mb << 20)
        self._users = context.get_map_state(users_descriptor(ttl_s))
        self._excluded = context.get_map_state(EXCLUDED)
        self._layout = layout
        # A copy of the excluded map per bucket, read at the bucket's first batch after a start.
        self._out: dict[int, dict[str, str]] = {}

    def read(
        self, users: Sequence[str], layouts: Sequence[tuple[object, ...]], now_ms: int
    ) -> list[UserEntry | None]:
        """The users' entries in today's layout; `layouts` are those of the bucket's book, of
        which today's is the last."""
        entries = self._cache.find(users, now_ms)
        get, today = self._users.get, len(layouts) - 1
        for index, entry in enumerate(entries):
            if entry is None and (packed := get(users[index])) is not None:
                found = make_entry(packed)
                if found.layout != today:
                    old = Layout(*layouts[found.layout])  # type: ignore[arg-type]
                    found = migrate_entry(found, old, self._layout, today)
                entries[index] = found
        return entries

    def put(self, entries: Mapping[str, UserEntry]) -> None:
        """Keep entries in today's layout."""
        if entries:
            self._users.put_all({user: tuple(entry) for user, entry in entries.items()})
            self._cache.put(entries)

    def remove(self, user_id: str) -> None:
        self._users.remove(user_id)
        self._cache.remove(user_id)

    def excluded(self, bucket: int, users: Sequence[str]) -> NDArray[np.bool_]:
        """`(users,)` who is forgotten or has opted out."""
        out = self._known_out(bucket)
        if not out:
            return np.zeros(len(users), dtype=bool)
        return np.array([digest(user_id) in out for user_id in users], dtype=bool)

    def exclusion_reason(self, bucket: int, user_id: str) -> str | None:
        return self._known_out(bucket).get(digest(user_id))

    def exclude(self, bucket: int, user_id: str, why: str) -> None:
        self._known_out(bucket)[digest(user_id)] = why
        self._excluded.put(digest(user_id), why)

    def readmit(self, bucket: int, user_id: str) -> None:
        self._known_out(bucket).pop(digest(user_id), None)
        self._excluded.remove(digest(user_id))

    def _known_out(self, bucket: int) -> dict[str, str]:
        known = self._out.get(bucket)
        if known is None:
            known = self._out[bucket] = dict(self._excluded.items())
        return known


class EntryCache:
    """Entries that were put lately, at hand without asking the state: within `most_bytes`, and
    none that is older than `ttl_ms`.

    Two generations: once the younger one has half of the bytes, or a third of the time is over, it
    becomes the older one, and what was that is let go.
    """

    def __init__(self, ttl_ms: int, most_bytes: int) -> None:
        self._period_ms = ttl_ms // 3
        self._half = most_bytes // 2
        self._young: dict[str, UserEntry] = {}
        self._old: dict[str, UserEntry] = {}
        self._since_ms = 0

    def find(self, users: Iterable[str], now_ms: int) -> list[UserEntry | None]:
        """The entry of each user, or None where it is not at hand."""
        age_ms = now_ms - self._since_ms
        if age_ms >= self._period_ms:
            # What was put before a long silence may have outlived its time.
            self._turn(self._young if age_ms < 2 * self._period_ms else {}, now_ms)
        elif self._is_full():
            self._turn(self._young, now_ms)
        young, old = self._young.get, self._old.get
        return [young(user_id) or old(user_id) for user_id in users]

    def put(self, entries: Mapping[str, UserEntry]) -> None:
        if self._half:
            self._young.update(entries)

    def remove(self, user_id: str) -> None:
        self._young.pop(user_id, None)
        self._old.pop(user_id, None)

    def _turn(self, old: dict[str, UserEntry], now_ms: int) -> None:
        self._old, self._young, self._since_ms = old, {}, now_ms

    def _is_full(self) -> bool:
        """Whether the younger generation has its half, by the size of some of its entries."""
        count = len(self._young)
        some = [_bytes(entry) for entry in islice(self._young.values(), _SAMPLE)]
        return bool(some) and count * sum(some) / len(some) > self._half


def _bytes(entry: UserEntry) -> int:
    return _OVERHEAD + len(entry.record) + len(entry.ids) + len(entry.texts) + len(entry.undo_log)


def digest(user_id: str) -> str:
    """What stands for an excluded user: 128 bits, of which no id can be read."""
    return hashlib.blake2b(user_id.encode(), digest_size=16).hexdigest()
